/// Merges the rows of all groups that meet a query into one walk in (series, timestamp) order.
///
/// A place is found in each group by binary search, so the cost of a page does not grow with the rows before it.
struct SeriesScan {
    private struct Entry {
        var place: SeriesPlace
        var cursor: Int
    }

    private var cursors: [SeriesCursor] = []
    /// By cursor.
    private var groups: [Int32] = []
    /// A binary heap, the next row's cursor on top.
    private var heap: [Entry] = []
    private let isAscending: Bool

    /// - Parameters:
    ///   - rank: The rank of every series that the groups name.
    ///   - after: Only rows behind this place.
    /// - Throws: `.corrupt` when the columns of a group are damaged.
    init(
        _ views: [GroupView],
        filter: ScanFilter,
        rank: [UInt32],
        direction: SortDirection,
        after: SeriesPlace?
    ) throws(StoreError) {
        isAscending = direction == .ascending
        if filter.series?.isEmpty == true { return }
        for (index, view) in views.enumerated() where filter.meets(view.group) {
            var cursor = try SeriesCursor(view, filter: filter, rank: rank, direction: direction, after: after)
            guard cursor.advance() else { continue }
            heap.append(Entry(place: cursor.place, cursor: cursors.count))
            cursors.append(cursor)
            groups.append(Int32(index))
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sift(index) }
    }

    /// Where the current row is; nil when there are no more.
    var current: RowScan.Place? { heap.first.map { RowScan.Place(group: groups[$0.cursor], row: Int32(cursors[$0.cursor].row)) } }

    mutating func advance() {
        guard let top = heap.first else { return }
        if cursors[top.cursor].advance() {
            heap[0].place = cursors[top.cursor].place
        } else {
            let last = heap.removeLast()
            if !heap.isEmpty { heap[0] = last }
        }
        sift(0)
    }

    @inline(__always)
    private func precedes(_ a: Int, _ b: Int) -> Bool {
        isAscending ? heap[a].place < heap[b].place : heap[b].place < heap[a].place
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
