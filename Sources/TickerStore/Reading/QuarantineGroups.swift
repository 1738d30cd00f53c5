import MarketData

/// All quarantined records of a snapshot, sealed or not, as groups over one table of series.
struct QuarantineGroups {
    let groups: [GroupView]
    let table: SeriesTable
    private let cache: BlockCache

    init(_ snapshot: Snapshot) {
        var table = snapshot.quarantineSeries
        var groups: [GroupView] = []
        for slot in snapshot.others where slot.info.family == .quarantine && slot.liveRows > 0 {
            groups += slot.views(seriesNumbers: table.numbers(for: slot.segment))
        }
        for log in snapshot.logs { groups += log.waiting.views(rank: table.rank) }
        self.groups = groups
        self.table = table
        cache = snapshot.cache
    }

    /// A walk over the records of a source; nil when there are none.
    ///
    /// - Parameters:
    ///   - before: Only records that were fetched before.
    ///   - start: Only records at this place or behind it, with all of its instant and source.
    func scan(
        source: String?,
        before: Timestamp?,
        from start: QuarantinePosition? = nil,
        _ direction: SortDirection
    ) throws(StoreError) -> RowScan? {
        var query = RowQuery()
        if let source { query.sources = [Array(source.utf8)] }
        query.to = before
        var filter = ScanFilter(query, table: table)
        if let start {
            let position = table.position(of: SeriesKey(symbol: "", source: start.source, sourceID: ""))
            filter.high = min(filter.high, SortKey(timestamp: start.recordedAt.milliseconds, position: position + 1))
        }
        if filter.series?.isEmpty == true { return nil }
        return try RowScan(groups, filter: filter, rank: table.rank, direction: direction)
    }

    /// Takes all records of one instant and source from a walk that has some.
    func nextRun(_ scan: inout RowScan) throws(StoreError) -> (recordedAt: Int64, source: SeriesKey, places: [RowScan.Place]) {
        let (timestamp, series) = (scan.timestamp, scan.series)
        var places: [RowScan.Place] = []
        while let place = scan.current, scan.timestamp == timestamp, scan.series == series {
            places.append(place)
            try scan.advance()
        }
        return (timestamp, table.keys[Int(series)], places)
    }

    /// The ids of records; reads no line.
    func ids(of places: [RowScan.Place]) -> [RecordDigest] {
        var ids = [RecordDigest](repeating: RecordDigest(high: 0, low: 0), count: places.count)
        var sealed: [UInt64: (segment: Segment, rows: [(row: Int, index: Int)])] = [:]
        for (index, place) in places.enumerated() {
            let group = groups[Int(place.group)].group
            if case .segment(let segment, let firstRow) = group.lines {
                sealed[segment.id, default: (segment, [])].rows.append((firstRow + Int(place.row), index))
            } else {
                ids[index] = group.waitingLines.entry(Int(place.row)).id
            }
        }
        for (segment, rows) in sealed.values {
            let rows = rows.sorted { $0.row < $1.row }
            for (row, id) in zip(rows, segment.ids(ofRows: rows.map(\.row))) { ids[row.index] = id }
        }
        return ids
    }

    /// The records themselves.
    func records(_ places: [RowScan.Place]) throws(StoreError) -> [WaitingRecord] {
        let lines = try LineFetcher(groups: groups, cache: cache).fetch(places)
        var records: [WaitingRecord] = []
        for index in places.indices {
            let line = Array(lines.bytes[lines.starts[index]..<lines.starts[index] + lines.lengths[index]])
            records.append(try WaitingRecord(line: line, in: groups[Int(places[index].group)].group.lines.path))
        }
        return records
    }
}

extension WaitingRecord {
    /// - Parameters:
    ///   - line: A line of a segment, or one made for one.
    ///   - path: Of its file, for messages.
    /// - Throws: `.corrupt`.
    init(line: [UInt8], in path: String) throws(StoreError) {
        guard let root = try? JSONDocument(parsing: line).root, let record = WaitingRecord(root) else {
            throw StoreError(.corrupt, "\(path): a line is no quarantined record. \(SegmentFormat.dataAdvice)")
        }
        self = record
    }
}
