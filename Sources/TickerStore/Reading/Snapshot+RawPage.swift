import MarketData

/// Raw records in the order of their rows.
package struct RawPage: Sendable {
    package var records: [(row: RowPosition, raw: RawRecord)] = []
    /// The last row that was looked at, when more may follow. A page may have fewer records than were asked for, even none, and go on all the same:
    /// rows outlive their raw records, and what is looked at for one page is bounded.
    package var next: RowPosition?
}

extension Snapshot {
    /// Rows that are looked at for one page, and bytes after which it ends.
    private static let longestRawLook = 4_096
    private static let rawPageBytes = 4 << 20

    /// The raw records of the rows that a query has, in its order; rows whose record was dropped are left out.
    ///
    /// Blocks on the disk: call it from a thread that may.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func rawRecords(_ query: RowQuery) throws(StoreError) -> RawPage {
        var query = query
        // Rows before the first raw record need no look.
        let earliest = others.filter { $0.info.family == .raw }.map(\.info.earliest) + groups.filter(\.group.isUnsealed).map(\.group.earliest)
        guard let first = earliest.min() else { return RawPage() }
        query.from = max(query.from ?? Timestamp(milliseconds: first), Timestamp(milliseconds: first))
        var scan = try RowScan(groups, filter: ScanFilter(query, table: series), rank: series.rank, direction: query.direction)
        var page = RawPage()
        var looked = 0
        var bytes = 0
        while scan.current != nil {
            let row = RowPosition(timestamp: Timestamp(milliseconds: scan.timestamp), series: series.keys[Int(scan.series)])
            try scan.advance()
            looked += 1
            if let raw = try rawRecord(of: row.series, timestamp: row.timestamp) {
                page.records.append((row, raw))
                bytes += raw.record.count
            }
            if page.records.count >= query.limit || looked >= Self.longestRawLook || bytes >= Self.rawPageBytes {
                if scan.current != nil { page.next = row }
                return page
            }
        }
        return page
    }
}

extension RowGroup {
    /// Whether its lines are in a log file, and their raw records with them.
    fileprivate var isUnsealed: Bool { if case .log = lines { true } else { false } }
}
