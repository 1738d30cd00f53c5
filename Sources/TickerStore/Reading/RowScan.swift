import MarketData

/// Merges the rows of all groups that meet a query into one walk in (timestamp, series) order.
///
/// Each key is live in exactly one group, so nothing has to be told apart or left out. A group is opened only when the walk
/// comes to its first possible row: the cost of a page does not grow with the number of groups behind it.
struct RowScan {
    /// A group in the heap: not opened yet, or at its cursor's row.
    private struct Entry {
        /// Of the current row; of the group's end that comes first, while it is not open.
        var timestamp: Int64
        var group: Int32
        /// Index into `cursors`; −1: not open.
        var cursor: Int32
    }

    /// A row of a group.
    struct Place: Sendable {
        var group: Int32
        var row: Int32
    }

    private let groups: [GroupView]
    private var cursors: [GroupCursor] = []
    /// A binary heap, the next row's group on top.
    private var heap: [Entry] = []
    private let filter: ScanFilter
    private let rank: [UInt32]
    private let direction: SortDirection

    /// - Parameter rank: The rank of every series that the groups name.
    /// - Throws: `.corrupt` when the columns of a group are damaged; so does `advance`.
    init(_ groups: [GroupView], filter: ScanFilter, rank: [UInt32], direction: SortDirection) throws(StoreError) {
        self.groups = groups
        self.filter = filter
        self.rank = rank
        self.direction = direction
        for (index, view) in groups.enumerated() where filter.meets(view.group) {
            let bound = direction == .ascending ? view.group.earliest : view.group.latest
            heap.append(Entry(timestamp: bound, group: Int32(index), cursor: -1))
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sift(index) }
        try openTop()
    }

    /// Where the current row is; nil when there are no more.
    var current: Place? { heap.first.map { Place(group: $0.group, row: Int32(cursors[Int($0.cursor)].row)) } }

    /// The current row's timestamp and series; there must be one.
    var timestamp: Int64 { heap[0].timestamp }
    var series: UInt32 { cursors[Int(heap[0].cursor)].series }

    mutating func advance() throws(StoreError) {
        guard let top = heap.first else { return }
        step(Int(top.cursor))
        try openTop()
    }

    /// Moves the cursor on top to its next row, or out of the heap.
    private mutating func step(_ cursor: Int) {
        if cursors[cursor].advance() {
            heap[0].timestamp = cursors[cursor].timestamp
        } else {
            removeTop()
        }
        sift(0)
    }

    private mutating func removeTop() {
        let last = heap.removeLast()
        if !heap.isEmpty { heap[0] = last }
    }

    /// Opens groups until an open one is on top.
    private mutating func openTop() throws(StoreError) {
        while let top = heap.first, top.cursor < 0 {
            if let cursor = try GroupCursor(groups[Int(top.group)], filter: filter, rank: rank, direction: direction) {
                heap[0].cursor = Int32(cursors.count)
                cursors.append(cursor)
                step(cursors.count - 1)
            } else {
                removeTop()
                sift(0)
            }
        }
    }

    @inline(__always)
    private func precedes(_ a: Int, _ b: Int) -> Bool {
        let (a, b) = (heap[a], heap[b])
        if a.timestamp != b.timestamp { return (a.timestamp < b.timestamp) == (direction == .ascending) }
        // A group that is not open may begin with a row before the other's.
        if a.cursor < 0 || b.cursor < 0 { return a.cursor < 0 && (b.cursor >= 0 || a.group < b.group) }
        let ranks = (rank[Int(cursors[Int(a.cursor)].series)], rank[Int(cursors[Int(b.cursor)].series)])
        if ranks.0 != ranks.1 { return (ranks.0 < ranks.1) == (direction == .ascending) }
        // Rows of one key, in families that have such: the older group's first.
        return (a.group < b.group) == (direction == .ascending)
    }

    private mutating func sift(_ start: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, precedes(child + 1, child) { child += 1 }
            guard precedes(child, parent) else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
