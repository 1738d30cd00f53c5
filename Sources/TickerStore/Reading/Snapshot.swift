package import MarketData
import Synchronization

/// What the store held at one moment. Immutable: readers neither block nor are blocked.
package struct Snapshot: Sendable {
    private static let identities = Atomic<UInt64>(0)

    /// Another one for each snapshot of this process, rising; not every new one holds something new.
    package let identity = Self.identities.add(1, ordering: .relaxed).newValue
    let series: SeriesTable
    /// The groups of the sealed segments, then those of the log.
    let groups: [GroupView]
    let cache: BlockCache
    package let counts: StoreCounts
    /// Segments of the families beside the rows.
    let others: [FamilySlot]
    /// What is not sealed yet of the families that are only appended to, by log file. As it is there: there may be thousands, and each commit
    /// makes a snapshot.
    let records: [[LineRecord]]
    /// The log files, oldest first, and the sources of their quarantined records.
    let logs: [LogPart]
    let quarantineSeries: SeriesTable

    init(_ tables: RowTables, _ others: [FamilySlot], _ counts: StoreCounts) {
        series = tables.series
        groups = tables.groups
        cache = tables.cache
        self.counts = counts
        self.others = others
        records = tables.generations.map(\.records)
        logs = tables.generations.map(\.part)
        quarantineSeries = tables.quarantineSeries
    }

    /// Reads a page. Blocks on the disk: call it from a thread that may.
    package func page(_ query: RowQuery) throws(StoreError) -> RowPage {
        var scan = try scan(query)
        for _ in 0..<query.skip {
            if scan.current == nil { break }
            try scan.advance()
        }
        return try page(&scan, limit: query.limit)
    }

    /// The rows that a filter lets through, newest first.
    func page(_ filter: ScanFilter, limit: Int) throws(StoreError) -> RowPage {
        var scan = try RowScan(groups, filter: filter, rank: series.rank, direction: .descending)
        return try page(&scan, limit: limit)
    }

    private func page(_ scan: inout RowScan, limit: Int) throws(StoreError) -> RowPage {
        var page = RowPage()
        var places: [RowScan.Place] = []
        places.reserveCapacity(min(limit, 1_024))
        while places.count < limit, let place = scan.current {
            places.append(place)
            try scan.advance()
        }
        page.first = places.first.map(position)
        page.last = places.last.map(position)
        page.hasMore = scan.current != nil
        page.take(try LineFetcher(groups: groups, cache: cache).fetch(places))
        return page
    }

    /// How many rows a query has, whatever its limit and its `after`; reads no line.
    package func count(_ query: RowQuery) throws(StoreError) -> Int {
        var query = query
        query.after = nil
        let filter = ScanFilter(query, table: series)
        var count = 0
        for view in groups where filter.meets(view.group) {
            let group = view.group
            let isInside = group.earliest >= filter.low.timestamp && group.latest < filter.high.timestamp
            if filter.series == nil, isInside {
                count += view.liveCount
                continue
            }
            try group.check()
            for run in 0..<group.runs where filter.wants(group.series(ofRun: run)) {
                let rows = group.rows(ofRun: run)
                let first = isInside ? rows.lowerBound : partition(rows) { group.timestamp($0) >= filter.low.timestamp }
                let behind = isInside ? rows.upperBound : partition(rows) { group.timestamp($0) >= filter.high.timestamp }
                if first < behind { count += behind - first - view.dead.count(in: first..<behind) }
            }
        }
        return count
    }

    /// The newest row of each series that the query's lists name, in the order of the series; behind `after`, at most `limit`.
    package func latest(_ query: RowQuery, after: SeriesKey? = nil) throws(StoreError) -> RowPage {
        var query = query
        query.after = nil
        let filter = ScanFilter(query, table: series)
        var newest = [(timestamp: Int64, place: RowScan.Place)?](repeating: nil, count: series.count)
        for (index, view) in groups.enumerated() where filter.meets(view.group) {
            let group = view.group
            try group.check()
            for run in 0..<group.runs {
                let number = group.series(ofRun: run)
                guard filter.wants(number) else { continue }
                let rows = group.rows(ofRun: run)
                let behind = partition(rows) { group.timestamp($0) >= filter.high.timestamp }
                guard let row = (rows.lowerBound..<behind).last(where: { !view.dead.contains($0) }) else { continue }
                let timestamp = group.timestamp(row)
                guard timestamp >= filter.low.timestamp else { continue }
                if let known = newest[Int(number)], known.timestamp > timestamp { continue }
                newest[Int(number)] = (timestamp, RowScan.Place(group: Int32(index), row: Int32(row)))
            }
        }
        let start = after.map { (series.position(of: $0) + 1) / 2 } ?? 0
        var page = RowPage()
        var places: [RowScan.Place] = []
        for number in series.byRank[start...] {
            guard let found = newest[Int(number)] else { continue }
            if places.count == query.limit {
                page.hasMore = true
                break
            }
            let position = RowPosition(timestamp: Timestamp(milliseconds: found.timestamp), series: series.keys[Int(number)])
            if places.isEmpty { page.first = position }
            page.last = position
            places.append(found.place)
        }
        page.take(try LineFetcher(groups: groups, cache: cache).fetch(places))
        return page
    }

    private func scan(_ query: RowQuery) throws(StoreError) -> RowScan {
        try RowScan(groups, filter: ScanFilter(query, table: series), rank: series.rank, direction: query.direction)
    }

    private func position(_ place: RowScan.Place) -> RowPosition {
        let group = groups[Int(place.group)].group
        let number = group.series(ofRun: group.run(ofRow: Int(place.row)))
        return RowPosition(timestamp: Timestamp(milliseconds: group.timestamp(Int(place.row))), series: series.keys[Int(number)])
    }
}

extension RowPage {
    /// Puts the lines one behind the other.
    fileprivate mutating func take(_ lines: LineBuffer) {
        bytes.reserveCapacity(lines.bytes.count)
        ends.reserveCapacity(lines.starts.count)
        lines.bytes.withUnsafeBytes { source in
            for index in lines.starts.indices {
                bytes.append(contentsOf: source.slice(lines.starts[index]..<lines.starts[index] + lines.lengths[index]))
                ends.append(bytes.count)
            }
        }
    }
}
