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
    var series: [UInt32]?
    /// The same as a set of bits; empty when all are wanted.
    var bits: [Bool] = []
    var low: SortKey
    var high: SortKey

    /// With more series than this, walking all rows in time order beats one cursor a series.
    static let fewSeries = 64

    init(_ query: RowQuery, table: SeriesTable) {
        low = SortKey(timestamp: query.from?.milliseconds ?? .min, position: 0)
        high = SortKey(timestamp: query.to?.milliseconds ?? .max, position: query.to == nil ? .max : 0)
        if let after = query.after {
            let position = table.position(of: after.series)
            switch query.direction {
            case .ascending: low = max(low, SortKey(timestamp: after.timestamp.milliseconds, position: position + 1))
            case .descending: high = min(high, SortKey(timestamp: after.timestamp.milliseconds, position: position))
            }
        }
        guard !query.symbols.isEmpty || !query.sources.isEmpty || !query.sourceIDs.isEmpty else { return }
        var wanted: [UInt32] = []
        for (number, key) in table.keys.enumerated()
        where (query.symbols.isEmpty || query.symbols.contains(key.symbol)) && (query.sources.isEmpty || query.sources.contains(key.source))
            && (query.sourceIDs.isEmpty || query.sourceIDs.contains(key.sourceID))
        {
            wanted.append(UInt32(number))
        }
        series = wanted
        bits = [Bool](repeating: false, count: table.count)
        for number in wanted { bits[Int(number)] = true }
    }
}

/// Walks the rows of one part, or of one series in it, in one direction.
struct PartCursor {
    private let view: PartView
    /// All rows in time order, or one series' rows.
    private let isWholePart: Bool
    private var position: Int
    private let end: Int
    private let step: Int

    /// The current row; valid until `advance` returns false.
    private(set) var row = 0
    private(set) var key = SortKey(timestamp: 0, position: 0)

    /// A cursor before the first row of `rows` (nil: of the whole part) between the filter's bounds.
    init(_ view: PartView, rows: Range<Int>?, filter: ScanFilter, rank: [UInt32], direction: SortDirection) {
        self.view = view
        isWholePart = rows == nil
        let part = view.part
        func key(_ index: Int) -> SortKey {
            let row = rows == nil ? Int(part.order[index]) : index
            return SortKey(timestamp: part.timestamps[row], position: 2 * Int(rank[Int(part.series[row])]) + 1)
        }
        let all = rows ?? 0..<part.count
        let first = partition(all) { key($0) >= filter.low }
        let behind = partition(all) { key($0) >= filter.high }
        step = direction == .ascending ? 1 : -1
        if direction == .ascending {
            position = first - 1
            end = max(first, behind)
        } else {
            position = max(first, behind)
            end = first - 1
        }
    }

    /// Moves to the next live row that the filter wants.
    @inline(__always)
    mutating func advance(_ filter: ScanFilter, rank: [UInt32]) -> Bool {
        let part = view.part
        while true {
            position += step
            if position == end { return false }
            row = isWholePart ? Int(part.order[position]) : position
            let series = Int(part.series[row])
            if !filter.bits.isEmpty, !filter.bits[series] { continue }
            if view.dead.contains(row) { continue }
            key = SortKey(timestamp: part.timestamps[row], position: 2 * Int(rank[series]) + 1)
            return true
        }
    }

    var series: UInt32 { view.part.series[row] }
    var locator: LineLocator { LineLocator(packed: view.part.locators[row]) }
    var length: Int { Int(view.part.lengths[row]) }
}

/// Merges the cursors of all parts that meet the query into one walk in timestamp order.
///
/// Each key is live in exactly one part, so nothing has to be told apart or left out.
struct RowScan {
    private var cursors: [PartCursor] = []
    /// A binary heap of cursor numbers, the next row's on top.
    private var heap: [Int] = []
    private let filter: ScanFilter
    private let rank: [UInt32]
    private let isAscending: Bool

    init(_ query: RowQuery, snapshot: Snapshot) {
        filter = ScanFilter(query, table: snapshot.series)
        rank = snapshot.series.rank
        isAscending = query.direction == .ascending
        for view in snapshot.parts where view.part.latest >= filter.low.timestamp && view.part.earliest <= filter.high.timestamp {
            if let wanted = filter.series, wanted.count <= ScanFilter.fewSeries {
                for number in wanted {
                    let rows = view.part.rows(ofSeries: number, rank: rank)
                    if !rows.isEmpty { add(PartCursor(view, rows: rows, filter: filter, rank: rank, direction: query.direction)) }
                }
            } else {
                add(PartCursor(view, rows: nil, filter: filter, rank: rank, direction: query.direction))
            }
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sift(index) }
    }

    private mutating func add(_ cursor: PartCursor) {
        var cursor = cursor
        guard cursor.advance(filter, rank: rank) else { return }
        heap.append(cursors.count)
        cursors.append(cursor)
    }

    /// The cursor at the current row; nil when there are no more rows.
    var current: PartCursor? { heap.first.map { cursors[$0] } }

    mutating func advance() {
        guard let top = heap.first else { return }
        if !cursors[top].advance(filter, rank: rank) {
            let last = heap.removeLast()
            if heap.isEmpty { return }
            heap[0] = last
        }
        sift(0)
    }

    @inline(__always)
    private func precedes(_ a: Int, _ b: Int) -> Bool {
        isAscending ? cursors[a].key < cursors[b].key : cursors[b].key < cursors[a].key
    }

    private mutating func sift(_ start: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, precedes(heap[child + 1], heap[child]) { child += 1 }
            guard precedes(heap[child], heap[parent]) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
