import MarketData
import Synchronization
import TickerStore

/// The handful of series that the status page shows.
///
/// Reading them is bounded whatever the store holds: two pages of rows to choose from, then a short page of each that was chosen. As long as
/// nothing is committed the last answer is given again.
final class NewestPrices: Sendable {
    /// Series on the page.
    static let most = 12
    /// Rows of each.
    static let quotes = 48

    private static let candidates = 400
    /// What people look for first. Other coins fill the page where these are not there.
    private static let familiar = ["BTC", "ETH", "XRP", "BNB", "SOL", "DOGE", "ADA", "TRX", "LINK", "AVAX", "LTC", "DOT"].map { Array($0.utf8) }

    /// What the page shows of the stored rows.
    struct Shown: Sendable {
        var series: [SeriesPrices] = []
        /// The newest time among the rows of each source.
        var newestOfSource: [String: Timestamp] = [:]
    }

    private struct Version: Equatable {
        var lastLSN: UInt64
        var rows: Int
        var rawRecords: Int
    }

    private let kept = Mutex<(version: Version, shown: Shown)?>(nil)

    /// Waits for the disk: call it through `ReadingPool`.
    ///
    /// - Parameter sources: of whose rows the newest time is wanted.
    func read(_ rows: any RowReading, sources: [String]) throws(StoreError) -> Shown {
        let snapshot = rows.snapshot()
        let version = Version(lastLSN: rows.statistics.lastLSN, rows: snapshot.counts.rows, rawRecords: snapshot.counts.rawRecords)
        if let kept = kept.withLock({ $0 }), kept.version == version { return kept.shown }
        var shown = Shown()
        for key in try Self.choice(snapshot) {
            if let series = SeriesPrices(try snapshot.newest(Self.quotes, of: key)) { shown.series.append(series) }
        }
        for source in sources {
            var query = RowQuery()
            query.sources = [Array(source.utf8)]
            query.limit = 1
            shown.newestOfSource[source] = try snapshot.page(query).first?.timestamp
        }
        kept.withLock { $0 = (version, shown) }
        return shown
    }

    /// One series for each symbol, largest market value first, then by what was traded.
    private static func choice(_ snapshot: Snapshot) throws(StoreError) -> [SeriesKey] {
        var query = RowQuery()
        query.limit = candidates
        query.symbols = familiar.sorted { $0.lexicographicallyPrecedes($1) }
        let first = chosen(try snapshot.page(query), but: [])
        if first.count >= most { return Array(first.prefix(most)) }
        query.symbols = []
        return Array((first + chosen(try snapshot.page(query), but: Set(first.map(\.symbol)))).prefix(most))
    }

    private static func chosen(_ page: RowPage, but taken: Set<[UInt8]>) -> [SeriesKey] {
        var seen: Set<SeriesKey> = []
        var best: [[UInt8]: StoredRow] = [:]
        var start = 0
        for end in page.ends {
            defer { start = end }
            guard let row = StoredRow(page.bytes[start..<end]), !taken.contains(row.key.symbol), seen.insert(row.key).inserted else { continue }
            if let other = best[row.key.symbol], !isLarger(row, than: other) { continue }
            best[row.key.symbol] = row
        }
        return best.values.sorted { isLarger($0, than: $1) }.map(\.key)
    }

    private static func isLarger(_ a: StoredRow, than b: StoredRow) -> Bool {
        for (left, right) in [(a.quote.marketCap, b.quote.marketCap), (a.quote.volume, b.quote.volume)] {
            let order = compare(left, right)
            if order != 0 { return order > 0 }
        }
        return a.key < b.key
    }

    /// By value; null is less than any number.
    private static func compare(_ a: String?, _ b: String?) -> Int {
        guard let a, let b else { return (a == nil ? 0 : 1) - (b == nil ? 0 : 1) }
        return DecimalLiteral.compare(Array(a.utf8).span, Array(b.utf8).span)
    }
}
