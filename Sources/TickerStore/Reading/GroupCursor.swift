/// Walks the live, wanted rows of one group in (timestamp, series) order, in one direction.
struct GroupCursor {
    private enum Order {
        /// One series' rows: place and row differ by `first`.
        case run
        /// A few rows, sorted, in `list`.
        case list
        /// All rows in time order; only those in `wanted`, unless that is empty.
        case all
    }

    private let view: GroupView
    private let order: Order
    private var first = 0
    private var list: [UInt16] = []
    /// One bit a row.
    private var wanted: [UInt64] = []
    private var place: Int
    private let end: Int
    private let step: Int

    /// The current row; valid until `advance` returns false.
    private(set) var row = 0
    private(set) var timestamp: Int64 = 0

    /// A cursor before the first row between the filter's bounds; nil when the group has no row of a wanted series.
    ///
    /// - Throws: `.corrupt` when the group's columns are damaged.
    init?(_ view: GroupView, filter: ScanFilter, rank: [UInt32], direction: SortDirection) throws(StoreError) {
        try view.group.check()
        let group = view.group
        self.view = view
        let places: Range<Int>
        let ranges = filter.series == nil ? [] : filter.rows(in: group, rank: rank)
        let total = ranges.reduce(0) { $0 + $1.count }
        if filter.series == nil || (ranges.count > 1 && total * 16 > group.count) {
            order = .all
            if filter.series != nil { wanted = Self.bits(ranges, of: group.count) }
            places = Self.places(in: 0..<group.count, filter, rank, group) { group.row(inTimeOrder: $0) }
        } else if ranges.isEmpty {
            return nil
        } else if ranges.count == 1 {
            order = .run
            let first = ranges[0].lowerBound
            self.first = first
            places = Self.places(in: 0..<total, filter, rank, group) { first + $0 }
        } else {
            order = .list
            let rows = Self.sorted(ranges, group)
            list = rows
            places = Self.places(in: 0..<total, filter, rank, group) { Int(rows[$0]) }
        }
        step = direction == .ascending ? 1 : -1
        place = direction == .ascending ? places.lowerBound - 1 : places.upperBound
        end = direction == .ascending ? places.upperBound : places.lowerBound - 1
    }

    /// The places whose rows lie between the filter's bounds.
    @inline(__always)
    private static func places(in all: Range<Int>, _ filter: ScanFilter, _ rank: [UInt32], _ group: RowGroup, row: (Int) -> Int) -> Range<Int> {
        func isBefore(_ place: Int, _ bound: SortKey) -> Bool {
            let row = row(place)
            let timestamp = group.timestamp(row)
            // The series takes a search of its own; most rows differ in time already.
            if timestamp != bound.timestamp { return timestamp < bound.timestamp }
            return 2 * Int(rank[Int(group.series(ofRun: group.run(ofRow: row)))]) + 1 < bound.position
        }
        let first = partition(all) { !isBefore($0, filter.low) }
        return first..<max(first, partition(all) { !isBefore($0, filter.high) })
    }

    private static func sorted(_ ranges: [Range<Int>], _ group: RowGroup) -> [UInt16] {
        var rows: [(timestamp: Int64, row: UInt16)] = []
        for range in ranges { for row in range { rows.append((group.timestamp(row), UInt16(row))) } }
        // Rows are numbered in series order.
        rows.sort { $0 < $1 }
        return rows.map(\.row)
    }

    private static func bits(_ ranges: [Range<Int>], of count: Int) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (count + 63) / 64)
        for range in ranges { for row in range { words[row / 64] |= 1 << UInt64(row % 64) } }
        return words
    }

    /// Moves to the next live row that is wanted; false behind the last one.
    @inline(__always)
    mutating func advance() -> Bool {
        while true {
            place += step
            if place == end { return false }
            switch order {
            case .run: row = first + place
            case .list: row = Int(list[place])
            case .all:
                row = view.group.row(inTimeOrder: place)
                if !wanted.isEmpty, wanted[row / 64] & (1 << UInt64(row % 64)) == 0 { continue }
            }
            if view.dead.contains(row) { continue }
            timestamp = view.group.timestamp(row)
            return true
        }
    }

    /// The store's number of the current row's series.
    var series: UInt32 { view.group.series(ofRun: view.group.run(ofRow: row)) }
}
