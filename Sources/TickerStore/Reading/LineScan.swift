/// Walks the lines of all rows that a query means, for readers that want every one of them: in the order in which they lie in the files, which is
/// the quickest there is, or in the order of time.
///
/// One snapshot for the whole walk: what is committed meanwhile is not in it, and what is merged away meanwhile stays until the walk lets go. It
/// holds the places of one group and the lines of one piece, whatever the size of the store, and leaves the block cache alone. It belongs to one
/// thread at a time, and blocks on the disk.
package struct LineScan {
    /// One of the two.
    private var stored: StoredOrderScan?
    private var timed: TimeOrderScan?

    /// - Parameters:
    ///   - query: Its `after`, `skip` and `limit` have no meaning here.
    ///   - isInOrder: Whether rows come by time, in the query's direction.
    /// - Throws: `.corrupt`; so does `next`.
    package init(_ snapshot: Snapshot, _ query: RowQuery, isInOrder: Bool) throws(StoreError) {
        var query = query
        query.after = nil
        let filter = ScanFilter(query, table: snapshot.series)
        if isInOrder {
            let scan = try RowScan(snapshot.groups, filter: filter, rank: snapshot.series.rank, direction: query.direction)
            timed = TimeOrderScan(scan: scan, fetcher: LineFetcher(groups: snapshot.groups, cache: nil))
        } else {
            stored = StoredOrderScan(snapshot.groups, filter: filter, rank: snapshot.series.rank)
        }
    }

    /// Appends the next lines, each ended by a newline, until `out` holds `target` bytes or there are no more.
    ///
    /// - Returns: How many lines; 0 behind the last one.
    package mutating func next(_ target: Int, to out: inout [UInt8]) throws(StoreError) -> Int {
        if stored != nil { return try stored!.next(target, to: &out) }
        return try timed!.next(target, to: &out)
    }
}

/// The rows of a scan with their lines, so many at a time that each block is inflated a few times only: rows that follow each other in time lie in
/// as many blocks as there are series.
private struct TimeOrderScan {
    /// About 2 MiB of lines.
    private static let rowsAtOnce = 8_192

    var scan: RowScan
    let fetcher: LineFetcher
    private var lines = LineBuffer()
    private var nextLine = 0

    init(scan: RowScan, fetcher: LineFetcher) {
        self.scan = scan
        self.fetcher = fetcher
    }

    mutating func next(_ target: Int, to out: inout [UInt8]) throws(StoreError) -> Int {
        var rows = 0
        while out.count < target {
            if nextLine == lines.starts.count, try !fetch() { break }
            let line = lines.starts[nextLine]..<lines.starts[nextLine] + lines.lengths[nextLine]
            lines.bytes.withUnsafeBytes { out.append(contentsOf: $0.slice(line)) }
            out.append(0x0A)
            nextLine += 1
            rows += 1
        }
        return rows
    }

    private mutating func fetch() throws(StoreError) -> Bool {
        var places: [RowScan.Place] = []
        while places.count < Self.rowsAtOnce, let place = scan.current {
            places.append(place)
            try scan.advance()
        }
        try fetcher.fetch(places, into: &lines)
        nextLine = 0
        return !places.isEmpty
    }
}
