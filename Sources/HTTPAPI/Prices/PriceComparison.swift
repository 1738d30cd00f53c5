import MarketData
import TickerStore

/// The newest row of one series, as far as a comparison needs it.
struct Quote: Sendable {
    /// JSON strings, copied from the row.
    var source, sourceID, name: [UInt8]
    var price: [UInt8]
    /// nil where the source gives none.
    var marketCap: [UInt8]?
    var timestamp: Timestamp

    /// The rows of a page.
    static func all(_ page: RowPage) -> [Quote] {
        var start = 0
        return page.ends.compactMap { end in
            defer { start = end }
            return Quote(page.bytes.span.extracting(start..<end))
        }
    }

    private init?(_ line: Span<UInt8>) {
        guard let layout = TickerLineLayout(line) else { return nil }
        func bytes(_ range: Range<Int>) -> [UInt8] { line.extracting(range).withUnsafeBufferPointer { Array($0) } }
        guard let time = try? Timestamp.parse(line.extracting(layout.timestamp.lowerBound + 1..<layout.timestamp.upperBound - 1)) else { return nil }
        (source, sourceID, name, price) = (bytes(layout.source), bytes(layout.sourceID), bytes(layout.name), bytes(layout.price))
        let cap = bytes(layout.marketCap)
        marketCap = cap.first == UInt8(ascii: "n") ? nil : cap
        timestamp = time
    }
}

/// What several sources say about one symbol, and how far they are apart (spec section 9). Exact decimals throughout.
struct PriceComparison: Sendable {
    /// Why a quote has no part in spread and median.
    enum Exclusion: String, Sendable {
        case tooOld = "older_than_24_hours"
        /// The same source has another coin of this symbol with a larger one, or has no market cap for this one.
        case smallerMarketCap = "smaller_market_cap"
    }

    /// Older quotes say what was, not how sources differ.
    static let longestAge: Int64 = 24 * 3_600_000
    /// Digits of `spread_percent` behind the point.
    static let spreadDigits = 6

    private let time: Timestamp
    private let quotes: [(quote: Quote, exclusion: Exclusion?)]
    /// The middle price; the exact mean of the two in the middle where their number is even; nil where all quotes are too old.
    let median: ExactDecimal?
    /// (highest − lowest) / lowest × 100, rounded half to even; nil with fewer than two quotes.
    let spreadPercent: ExactDecimal?
    private let compared: Int

    /// - Parameter quotes: Each source's next to each other.
    init(_ quotes: [Quote], at time: Timestamp) {
        self.time = time
        var exclusions = quotes.map { $0.timestamp.milliseconds < time.milliseconds - Self.longestAge ? Exclusion.tooOld : nil }
        var best: [[UInt8]: Int] = [:]
        for index in quotes.indices where exclusions[index] == nil {
            // Of equal ones the first stays, so that the same coin is taken each time.
            if let other = best[quotes[index].source] {
                let isLarger = Self.isLarger(quotes[index].marketCap, than: quotes[other].marketCap)
                exclusions[isLarger ? other : index] = .smallerMarketCap
                if !isLarger { continue }
            }
            best[quotes[index].source] = index
        }
        self.quotes = Array(zip(quotes, exclusions))
        let prices = zip(quotes, exclusions).filter { $1 == nil }.compactMap { ExactDecimal($0.0.price.span) }.sorted()
        compared = prices.count
        let middle = prices.count / 2
        median = prices.isEmpty ? nil : prices.count.isMultiple(of: 2) ? (prices[middle - 1] + prices[middle]).halved : prices[middle]
        if let lowest = prices.first, let highest = prices.last, prices.count > 1 {
            spreadPercent = (highest - lowest).inPercent.divided(by: lowest, fractionDigits: Self.spreadDigits)
        } else {
            spreadPercent = nil
        }
    }

    private static func isLarger(_ a: [UInt8]?, than b: [UInt8]?) -> Bool {
        guard let a else { return false }
        guard let b else { return true }
        return DecimalLiteral.compare(a.span, b.span) > 0
    }

    func appendMembers(to writer: inout JSONWriter) {
        writer.member("at", time.description)
        writer.member("compared", compared)
        writer.number("median", median)
        writer.number("spread_percent", spreadPercent)
        writer.array("data", quotes) { writer, entry in
            let quote = entry.quote
            writer.beginObject()
            writer.rawMember("source", quote.source)
            writer.rawMember("source_id", quote.sourceID)
            writer.rawMember("name", quote.name)
            writer.rawMember("price_usd", quote.price)
            writer.rawMember("market_cap", quote.marketCap ?? Array("null".utf8))
            writer.member("timestamp", quote.timestamp.description)
            writer.member("age_seconds", (time.milliseconds - quote.timestamp.milliseconds) / 1_000)
            writer.member("left_out", entry.exclusion?.rawValue)
            writer.endObject()
        }
    }
}

extension JSONWriter {
    fileprivate mutating func number(_ key: String, _ value: ExactDecimal?) {
        self.key(key)
        if let value { number(literal: value.literal) } else { null() }
    }
}
