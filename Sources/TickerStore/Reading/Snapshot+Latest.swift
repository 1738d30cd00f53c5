package import MarketData

extension Snapshot {
    /// Series that are looked for together when few rows are wanted.
    private static let pieceLength = 256

    /// The newest row of each series that the query's lists name, in the order of the series; behind `after`, at most `limit`.
    ///
    /// Reads the key columns of the newest groups only, as far back as the series of the page reach.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func latest(_ query: RowQuery, after: SeriesKey? = nil) throws(StoreError) -> RowPage {
        let (found, hasMore) = try newestRows(query, after: after)
        var page = RowPage()
        page.first = found.first.map(position)
        page.last = found.last.map(position)
        page.hasMore = hasMore
        page.take(try LineFetcher(groups: groups, cache: cache).fetch(found.map(\.place)))
        return page
    }

    /// Where the newest row of each series is that the query's lists name, in the order of the series, at most `limit`; reads no line.
    ///
    /// - Throws: `.corrupt`.
    package func newestPositions(_ query: RowQuery) throws(StoreError) -> [RowPosition] { try newestRows(query).rows.map(position) }

    private func position(_ row: NewestRow) -> RowPosition {
        RowPosition(timestamp: Timestamp(milliseconds: row.timestamp), series: series.keys[Int(row.series)])
    }

    private func newestRows(_ query: RowQuery, after: SeriesKey? = nil) throws(StoreError) -> (rows: [NewestRow], hasMore: Bool) {
        var query = query
        query.after = nil
        let filter = ScanFilter(query, table: series)
        var next = after.map { (series.position(of: $0) + 1) / 2 } ?? 0
        var found: [NewestRow] = []
        while next < series.count, found.count <= query.limit {
            var wanted: [UInt32] = []
            // A series may have no row that is alive, so it takes more than are missing now and then.
            let length = max(Self.pieceLength, min(query.limit, 65_536) + 1 - found.count)
            while next < series.count, wanted.count < length {
                if filter.wants(series.byRank[next]) { wanted.append(series.byRank[next]) }
                next += 1
            }
            found += try newest(of: wanted, filter).compactMap(\.self)
        }
        return (Array(found.prefix(query.limit)), found.count > query.limit)
    }

    /// The newest live row of each series between the filter's bounds; nil where there is none.
    ///
    /// - Parameter wanted: Numbers of series, in the order of their ranks.
    private func newest(of wanted: [UInt32], _ filter: ScanFilter) throws(StoreError) -> [NewestRow?] {
        var found = [NewestRow?](repeating: nil, count: wanted.count)
        // Those that the groups to come may have a newer row of.
        var open = Array(wanted.indices)
        let candidates = groups.indices.filter { filter.meets(groups[$0].group) }
        for index in candidates.sorted(by: { groups[$0].group.latest > groups[$1].group.latest }) {
            let view = groups[index]
            open.removeAll { place in found[place].map { $0.timestamp >= view.group.latest } ?? false }
            if open.isEmpty { break }
            try view.group.check()
            var runs = RunFinder(view.group, rank: series.rank)
            for place in open {
                guard let rows = runs.rows(ofSeries: wanted[place]) else { continue }
                let behind = partition(rows) { view.group.timestamp($0) >= filter.high.timestamp }
                guard let row = (rows.lowerBound..<behind).last(where: { !view.dead.contains($0) }) else { continue }
                let timestamp = view.group.timestamp(row)
                if timestamp < filter.low.timestamp { continue }
                if let known = found[place], known.timestamp > timestamp { continue }
                found[place] = NewestRow(series: wanted[place], timestamp: timestamp, place: RowScan.Place(group: Int32(index), row: Int32(row)))
            }
        }
        return found
    }
}

/// The newest row of a series.
private struct NewestRow {
    var series: UInt32
    var timestamp: Int64
    var place: RowScan.Place
}
