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
    /// The series wanted, by number, in the order of their ranks; nil: all of them.
    private(set) var series: [UInt32]?
    /// The same as a set of bits; empty when all are wanted, or only a few.
    private var bits: [Bool] = []
    /// Inclusive.
    var low = SortKey(timestamp: .min, position: 0)
    /// Exclusive.
    var high = SortKey(timestamp: .max, position: .max)

    /// As many are looked through one by one.
    private static let few = 8
    /// A binary search for a series in a group costs about as much as so many steps over its runs.
    private static let searchCost = 12

    /// Everything.
    init() {}

    /// The rows of one series. Takes no time for the others, of which there may be a million.
    init(onlyOf number: UInt32) { series = [number] }

    /// The bounds of a place in time are taken over only in timestamp order: in others `after` says nothing of the time.
    init(_ query: RowQuery, table: SeriesTable) {
        if let from = query.from { low = SortKey(timestamp: from.milliseconds, position: 0) }
        if let to = query.to { high = SortKey(timestamp: to.milliseconds, position: 0) }
        if query.order == .timestamp, let after = query.after {
            let position = table.position(of: after.series)
            switch query.direction {
            case .ascending: low = max(low, SortKey(timestamp: after.timestamp.milliseconds, position: position + 1))
            case .descending: high = min(high, SortKey(timestamp: after.timestamp.milliseconds, position: position))
            }
        }
        guard !query.symbols.isEmpty || !query.sources.isEmpty || !query.sourceIDs.isEmpty else { return }
        want(Self.wanted(query, table), of: table.count)
    }

    /// The same bounds, and of the series only those given.
    ///
    /// - Parameters:
    ///   - numbers: In the order of their ranks.
    ///   - count: How many series there are.
    func restricted(to numbers: [UInt32], of count: Int) -> ScanFilter {
        var filter = self
        filter.want(numbers.filter(wants), of: count)
        return filter
    }

    private mutating func want(_ numbers: [UInt32], of count: Int) {
        series = numbers
        bits = []
        if numbers.count <= Self.few { return }
        bits = [Bool](repeating: false, count: count)
        for number in numbers { bits[Int(number)] = true }
    }

    /// The series that the lists of a query name. Those of a symbol follow each other in rank, so all others are never looked at.
    private static func wanted(_ query: RowQuery, _ table: SeriesTable) -> [UInt32] {
        var numbers: [UInt32] = []
        if query.symbols.isEmpty {
            numbers = table.byRank
        } else {
            let ranges = query.symbols.map(table.ranks).filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
            var end = 0
            for range in ranges where range.lowerBound >= end {
                numbers += table.byRank[range]
                end = range.upperBound
            }
        }
        if !query.sources.isEmpty {
            if table.sources.ofSeries.count == table.count {
                var isWanted = [Bool](repeating: false, count: table.sources.names.count)
                for name in query.sources { if let number = table.sources.number(of: name) { isWanted[Int(number)] = true } }
                numbers.removeAll { !isWanted[Int(table.sources.ofSeries[Int($0)])] }
            } else {
                let names = Set(query.sources)
                numbers.removeAll { !names.contains(table.keys[Int($0)].source) }
            }
        }
        if !query.sourceIDs.isEmpty {
            let ids = Set(query.sourceIDs)
            numbers.removeAll { !ids.contains(table.keys[Int($0)].sourceID) }
        }
        return numbers
    }

    /// Whether rows of this group can lie between the bounds.
    func meets(_ group: RowGroup) -> Bool {
        group.latest >= low.timestamp && group.earliest <= high.timestamp
    }

    @inline(__always)
    func wants(_ number: UInt32) -> Bool { bits.isEmpty ? series?.contains(number) ?? true : bits[Int(number)] }

    /// Whether the wanted series are so few that they are looked for in a group, rather than its runs gone through.
    func isSparse(in group: RowGroup) -> Bool { series.map { bits.isEmpty || $0.count * Self.searchCost < group.runs } ?? false }

    /// The rows of the wanted series in a group, a range for each series that it has, ascending.
    func rows(in group: RowGroup, rank: [UInt32]) -> [Range<Int>] {
        guard let series else { return [0..<group.count] }
        if isSparse(in: group) {
            // In the order of ranks, as are the rows.
            return series.map { group.rows(ofSeries: $0, rank: rank) }.filter { !$0.isEmpty }
        }
        var ranges: [Range<Int>] = []
        for run in 0..<group.runs where bits[Int(group.series(ofRun: run))] { ranges.append(group.rows(ofRun: run)) }
        return ranges
    }

    /// Of some rows of one series those within the bounds of time.
    @inline(__always)
    func rowsInTime(_ rows: Range<Int>, of group: RowGroup) -> Range<Int> {
        if group.earliest >= low.timestamp, group.latest < high.timestamp { return rows }
        let first = partition(rows) { group.timestamp($0) >= low.timestamp }
        return first..<partition(first..<rows.upperBound) { group.timestamp($0) >= high.timestamp }
    }
}
