import MarketData

/// A walk in the order (source, symbol, source id, timestamp): of each source, one after the other, its rows in the order of series.
struct SourceScan {
    private let views: [GroupView]
    private let table: SeriesTable
    private let filter: ScanFilter
    private let direction: SortDirection
    /// The sources still to come, the next one at the end.
    private var rest: [UInt32]
    private var scan: SeriesScan?

    /// - Parameter after: Only rows behind this place.
    /// - Throws: `.corrupt` when the columns of a group are damaged; so does `advance`.
    init(_ views: [GroupView], filter: ScanFilter, table: SeriesTable, direction: SortDirection, after: RowPosition?) throws(StoreError) {
        self.views = views
        self.table = table
        self.filter = filter
        self.direction = direction
        var sources = table.sources.inOrder
        let names = table.sources.names
        if let after {
            let name = after.series.source
            sources.removeAll { number in
                let source = names[Int(number)]
                return direction == .ascending ? source.lexicographicallyPrecedes(name) : name.lexicographicallyPrecedes(source)
            }
        }
        rest = direction == .ascending ? sources.reversed() : sources
        if let after, let next = rest.last, names[Int(next)] == after.series.source {
            rest.removeLast()
            scan = try open(next, after: SeriesPlace(position: table.position(of: after.series), timestamp: after.timestamp.milliseconds))
        }
        try openNext()
    }

    /// Where the current row is; nil when there are no more.
    var current: RowScan.Place? { scan?.current }

    mutating func advance() throws(StoreError) {
        scan?.advance()
        try openNext()
    }

    /// Opens sources until one has a row.
    private mutating func openNext() throws(StoreError) {
        while scan?.current == nil, let next = rest.popLast() { scan = try open(next, after: nil) }
    }

    private func open(_ source: UInt32, after: SeriesPlace?) throws(StoreError) -> SeriesScan {
        let ofSeries = table.sources.ofSeries
        let candidates = filter.series ?? table.byRank
        let numbers = candidates.filter { ofSeries[Int($0)] == source }
        let only = filter.restricted(to: numbers, of: table.count)
        return try SeriesScan(views, filter: only, rank: table.rank, direction: direction, after: after)
    }
}
