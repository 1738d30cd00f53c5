package import MarketData

/// What the store holds of one series.
package struct SeriesSummary: Sendable, Equatable {
    package var key: SeriesKey
    /// Rows that are not superseded; at least one.
    package var rows: Int
    /// The timestamps of its oldest and its newest row.
    package var first: Timestamp
    package var last: Timestamp
}

/// All series of some symbols.
package struct SymbolPage: Sendable {
    /// In order; all series of a symbol are on one page.
    package var series: [SeriesSummary] = []
    /// The newest row of each of them, in the same order.
    package var newest = RowPage()
    /// Whether more symbols follow.
    package var hasMore = false
}

extension Snapshot {
    /// A page ends when it has so many series, though it may have symbols left.
    private static let longestPage = 4_096

    /// What there is of each series that the query's lists name, symbol by symbol. Looks at the key columns of all groups, and at no lines but those
    /// of the newest rows.
    ///
    /// - Parameters:
    ///   - query: Its symbols, sources and source ids. `limit` counts symbols.
    ///   - symbol: Only symbols behind it.
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func symbols(_ query: RowQuery, after symbol: [UInt8]? = nil) throws(StoreError) -> SymbolPage {
        let filter = ScanFilter(query, table: series)
        var next = symbol.map { symbol in partition(0..<series.count) { symbol.lexicographicallyPrecedes(self.symbol(ofRank: $0)) } } ?? 0
        var page = SymbolPage()
        var places: [RowScan.Place] = []
        var count = 0
        while next < series.count {
            let wanted = nextSymbols(&next, query.limit + 1 - count, filter)
            for found in try extents(of: wanted) where found.rows > 0 {
                let summary = SeriesSummary(
                    key: series.keys[Int(found.series)],
                    rows: found.rows,
                    first: Timestamp(milliseconds: found.first),
                    last: Timestamp(milliseconds: found.last)
                )
                if page.series.last?.key.symbol != summary.key.symbol {
                    page.hasMore = count == query.limit || page.series.count >= Self.longestPage
                    if page.hasMore { break }
                    count += 1
                }
                page.series.append(summary)
                places.append(found.place)
            }
            if page.hasMore { break }
        }
        page.newest.take(try LineFetcher(groups: groups, cache: cache).fetch(places))
        return page
    }

    private func symbol(ofRank rank: Int) -> [UInt8] { series.keys[Int(series.byRank[rank])].symbol }

    /// The wanted series of the next symbols, at most `limit` of those, from rank `next` on.
    private func nextSymbols(_ next: inout Int, _ limit: Int, _ filter: ScanFilter) -> [UInt32] {
        var wanted: [UInt32] = []
        var symbols = 0
        while next < series.count {
            let number = series.byRank[next]
            if filter.wants(number) {
                if wanted.last.map({ series.keys[Int($0)].symbol != series.keys[Int(number)].symbol }) ?? true {
                    if symbols == limit || wanted.count >= Self.longestPage { return wanted }
                    symbols += 1
                }
                wanted.append(number)
            }
            next += 1
        }
        return wanted
    }

    /// Number and bounds of the live rows of each series.
    ///
    /// - Parameter wanted: Numbers of series, in the order of their ranks.
    private func extents(of wanted: [UInt32]) throws(StoreError) -> [SeriesExtent] {
        var extents = wanted.map { SeriesExtent(series: $0) }
        for (index, view) in groups.enumerated() where view.liveCount > 0 {
            try view.group.check()
            var runs = RunFinder(view.group, rank: series.rank)
            for place in extents.indices {
                guard let rows = runs.rows(ofSeries: extents[place].series), let oldest = rows.first(where: { !view.dead.contains($0) }),
                    let newest = rows.last(where: { !view.dead.contains($0) })
                else { continue }
                extents[place].rows += rows.count - view.dead.count(in: rows)
                extents[place].first = min(extents[place].first, view.group.timestamp(oldest))
                let last = view.group.timestamp(newest)
                if last > extents[place].last {
                    extents[place].last = last
                    extents[place].place = RowScan.Place(group: Int32(index), row: Int32(newest))
                }
            }
        }
        return extents
    }
}

/// The live rows of a series, as far as groups were looked at.
private struct SeriesExtent {
    let series: UInt32
    var rows = 0
    var first = Int64.max
    var last = Int64.min
    /// Of the newest one.
    var place = RowScan.Place(group: 0, row: 0)

    init(series: UInt32) { self.series = series }
}
