import MarketData

/// Which rows are affected by damage, in words a user understands.
struct RowsInWords {
    /// Of damaged rows that are dead.
    static func nothing(_ family: Family) -> String {
        family == .quarantine ? "no record that counts: they had been taken out" : "no row that counts: newer ones have replaced them"
    }

    private(set) var rows = 0
    private var series: Set<SeriesKey> = []
    private var first: SeriesKey?
    private var earliest = Int64.max
    private var latest = Int64.min
    private let family: Family

    init(_ family: Family) { self.family = family }

    mutating func add(_ key: SeriesKey, _ timestamp: Int64) {
        rows += 1
        earliest = min(earliest, timestamp)
        latest = max(latest, timestamp)
        if first == nil { first = key }
        series.insert(key)
    }

    /// Empty when there are no rows.
    var description: String {
        guard rows > 0, let first else { return "" }
        let what = "\(rows) \(Self.name(family, rows))"
        switch family {
        case .runs: return "\(what), numbers \(earliest) to \(latest)"
        case .quarantine: return "\(what) of \(Self.text(first.source))\(series.count > 1 ? " and others" : ""), \(Self.span(earliest...latest))"
        default:
            let name = [first.symbol, first.source, first.sourceID].map(Self.text).joined(separator: "/")
            return "\(what) of \(series.count) series (\(name)\(series.count > 1 ? " …" : "")), \(Self.span(earliest...latest))"
        }
    }

    /// All rows of a segment, as the manifest knows them.
    static func all(of info: SegmentInfo) -> String {
        let rows = info.family == .tickers || info.family == .quarantine ? info.live.values.reduce(0, +) : info.rows
        let sources = info.live.keys.filter { !$0.isEmpty }.sorted().joined(separator: ", ")
        let time = info.family == .runs ? "numbers \(info.earliest) to \(info.latest)" : span(info.earliest...info.latest)
        return "all \(rows) \(name(info.family, rows)) of the segment\(sources.isEmpty ? "" : " (from \(sources))"), \(time)"
    }

    /// Rows of which only the number is known, somewhere in the segment.
    static func some(_ rows: Int, of info: SegmentInfo) -> String {
        let time = info.family == .runs ? "numbers \(info.earliest) to \(info.latest)" : span(info.earliest...info.latest)
        return "\(rows) \(name(info.family, rows)), \(rows == 1 ? "" : "some ")within \(time)"
    }

    private static func name(_ family: Family, _ count: Int) -> String {
        let one =
            switch family {
            case .tickers: "row"
            case .raw: "raw record"
            case .quarantine: "quarantined record"
            case .runs: "run"
            case .outliers: "outlier"
            }
        return count == 1 ? one : one + "s"
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func span(_ times: ClosedRange<Int64>) -> String {
        "\(Timestamp(milliseconds: times.lowerBound)) to \(Timestamp(milliseconds: times.upperBound))"
    }
}
