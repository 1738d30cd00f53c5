import MarketData
import TickerStore

/// The newest rows of one series, read for the status page.
struct SeriesPrices: Sendable {
    struct Quote: Sendable {
        var time: Timestamp
        /// Canonical literals; nil for null.
        var price: String
        var volume: String?
        var marketCap: String?
        var percentChange: String?
    }

    var key: SeriesKey
    var name: String
    /// Oldest first; at least one.
    var quotes: [Quote]

    var newest: Quote { quotes[quotes.count - 1] }
    var symbol: String { String(decoding: key.symbol, as: UTF8.self) }
    var source: String { String(decoding: key.source, as: UTF8.self) }
    var sourceID: String { String(decoding: key.sourceID, as: UTF8.self) }

    /// Reads stored rows, newest first, of one series; nil without one.
    init?(_ page: RowPage) {
        guard let position = page.first else { return nil }
        key = position.series
        name = ""
        quotes = []
        var start = 0
        for end in page.ends {
            defer { start = end }
            guard let row = StoredRow(page.bytes[start..<end]) else { continue }
            if quotes.isEmpty { name = row.name }
            quotes.append(row.quote)
        }
        if quotes.isEmpty { return nil }
        quotes.reverse()
    }
}

/// A stored line, decoded for show.
struct StoredRow: Sendable {
    var key: SeriesKey
    var name: String
    var quote: SeriesPrices.Quote

    init?(_ line: ArraySlice<UInt8>) {
        guard let row = try? JSONDocument(parsing: Array(line)).root, let symbol = row.member("symbol")?.string,
            let source = row.member("source")?.string, let sourceID = row.member("source_id")?.string,
            let price = Self.literal(row, "price_usd"), let time = row.member("timestamp")?.string.flatMap({ try? Timestamp.parse($0) })
        else { return nil }
        key = SeriesKey(symbol: symbol, source: source, sourceID: sourceID)
        name = row.member("name")?.string ?? symbol
        quote = SeriesPrices.Quote(
            time: time,
            price: price,
            volume: Self.literal(row, "volume_24h"),
            marketCap: Self.literal(row, "market_cap"),
            percentChange: Self.literal(row, "percent_change_24h")
        )
    }

    private static func literal(_ row: JSONValue, _ name: String) -> String? {
        guard let value = row.member(name), value.kind == .number else { return nil }
        return value.withRaw { $0.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
    }
}
