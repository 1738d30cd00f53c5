/// A place in the order (series, timestamp): the series' `SeriesTable.position`, and a timestamp.
struct SeriesPlace: Comparable {
    var position: Int
    var timestamp: Int64

    @inline(__always)
    static func < (a: SeriesPlace, b: SeriesPlace) -> Bool {
        a.position != b.position ? a.position < b.position : a.timestamp < b.timestamp
    }
}

/// Walks the live, wanted rows of one group in (series, timestamp) order, in one direction. That is the order in which they are numbered.
struct SeriesCursor {
    private let view: GroupView
    private let filter: ScanFilter
    private let rank: [UInt32]
    private let isAscending: Bool
    private let after: SeriesPlace?
    /// Whether the wanted series are looked for one by one.
    private let isSparse: Bool
    /// The current run; when `isSparse`, the current place in the filter's list.
    private var step: Int
    /// The rows of the current run that are within the bounds.
    private var rows = 0..<0

    /// The current row and its place; valid until `advance` returns false.
    private(set) var row = 0
    private(set) var place = SeriesPlace(position: 0, timestamp: 0)

    /// A cursor before the first row behind a place.
    ///
    /// - Throws: `.corrupt` when the group's columns are damaged.
    init(_ view: GroupView, filter: ScanFilter, rank: [UInt32], direction: SortDirection, after: SeriesPlace?) throws(StoreError) {
        try view.group.check()
        self.view = view
        self.filter = filter
        self.rank = rank
        self.after = after
        isAscending = direction == .ascending
        isSparse = filter.isSparse(in: view.group)
        let group = view.group
        let count = isSparse ? filter.series!.count : group.runs
        let (isSparse, series) = (isSparse, filter.series ?? [])
        func position(_ step: Int) -> Int { 2 * Int(rank[Int(isSparse ? series[step] : group.series(ofRun: step))]) + 1 }
        if isAscending {
            step = after.map { after in partition(0..<count) { position($0) >= after.position } - 1 } ?? -1
        } else {
            step = after.map { after in partition(0..<count) { position($0) > after.position } } ?? count
        }
    }

    /// Moves to the next live row that is wanted; false behind the last one.
    mutating func advance() -> Bool {
        while true {
            row += isAscending ? 1 : -1
            if !rows.contains(row) {
                guard nextRun() else { return false }
                row = isAscending ? rows.lowerBound : rows.upperBound - 1
            }
            if view.dead.contains(row) { continue }
            place.timestamp = view.group.timestamp(row)
            return true
        }
    }

    /// Moves to the next run that has rows within the bounds.
    private mutating func nextRun() -> Bool {
        let group = view.group
        let count = isSparse ? filter.series!.count : group.runs
        while true {
            step += isAscending ? 1 : -1
            guard (0..<count).contains(step) else { return false }
            let number = isSparse ? filter.series![step] : group.series(ofRun: step)
            let all: Range<Int>
            if isSparse {
                all = group.rows(ofSeries: number, rank: rank)
            } else {
                all = filter.wants(number) ? group.rows(ofRun: step) : 0..<0
            }
            if all.isEmpty { continue }
            rows = filter.rowsInTime(all, of: group)
            place.position = 2 * Int(rank[Int(number)]) + 1
            if let after, after.position == place.position { rows = behind(after.timestamp, rows) }
            if !rows.isEmpty { return true }
        }
    }

    private func behind(_ timestamp: Int64, _ rows: Range<Int>) -> Range<Int> {
        isAscending
            ? partition(rows) { view.group.timestamp($0) > timestamp }..<rows.upperBound
            : rows.lowerBound..<partition(rows) { view.group.timestamp($0) >= timestamp }
    }
}
