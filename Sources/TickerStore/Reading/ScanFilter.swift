import MarketData

/// A row's place among all rows: its timestamp, and twice its series' rank plus one (see `SeriesTable.position`).
struct SortKey: Comparable {
    var timestamp: Int64
    var position: Int

    @inline(__always)
    static func < (a: SortKey, b: SortKey) -> Bool {
        a.timestamp != b.timestamp ? a.timestamp < b.timestamp : a.position < b.position
    }
}

/// Which rows a scan wants.
struct ScanFilter {
    /// The series wanted, by number; nil: all of them.
    private(set) var series: [UInt32]?
    /// The same as a set of bits; empty when all are wanted, or only one.
    private var bits: [Bool] = []
    /// Inclusive.
    var low = SortKey(timestamp: .min, position: 0)
    /// Exclusive.
    var high = SortKey(timestamp: .max, position: .max)

    /// Everything.
    init() {}

    /// The rows of one series. Takes no time for the others, of which there may be a million.
    init(onlyOf number: UInt32) { series = [number] }

    init(_ query: RowQuery, table: SeriesTable) {
        if let from = query.from { low = SortKey(timestamp: from.milliseconds, position: 0) }
        if let to = query.to { high = SortKey(timestamp: to.milliseconds, position: 0) }
        if let after = query.after {
            let position = table.position(of: after.series)
            switch query.direction {
            case .ascending: low = max(low, SortKey(timestamp: after.timestamp.milliseconds, position: position + 1))
            case .descending: high = min(high, SortKey(timestamp: after.timestamp.milliseconds, position: position))
            }
        }
        guard !query.symbols.isEmpty || !query.sources.isEmpty || !query.sourceIDs.isEmpty else { return }
        var wanted: [UInt32] = []
        bits = [Bool](repeating: false, count: table.count)
        for (number, key) in table.keys.enumerated()
        where (query.symbols.isEmpty || query.symbols.contains(key.symbol)) && (query.sources.isEmpty || query.sources.contains(key.source))
            && (query.sourceIDs.isEmpty || query.sourceIDs.contains(key.sourceID))
        {
            wanted.append(UInt32(number))
            bits[number] = true
        }
        series = wanted
    }

    /// Whether rows of this group can lie between the bounds.
    func meets(_ group: RowGroup) -> Bool {
        group.latest >= low.timestamp && group.earliest <= high.timestamp
    }

    func wants(_ number: UInt32) -> Bool { bits.isEmpty ? series?.contains(number) ?? true : bits[Int(number)] }

    /// The rows of the wanted series in a group, a range for each series that it has.
    func rows(in group: RowGroup, rank: [UInt32]) -> [Range<Int>] {
        guard let series else { return [0..<group.count] }
        // A binary search costs about as much as a dozen steps.
        if bits.isEmpty || series.count * 12 < group.runs {
            let ranges = series.map { group.rows(ofSeries: $0, rank: rank) }
            return ranges.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        }
        var ranges: [Range<Int>] = []
        for run in 0..<group.runs where bits[Int(group.series(ofRun: run))] { ranges.append(group.rows(ofRun: run)) }
        return ranges
    }
}
