package import MarketData

/// Rows of one series that follow each other.
package struct SeriesPiece: Sendable {
    package var timestamps: [Timestamp] = []
    /// The rows as stored.
    package var rows = RowPage()
}

/// Walks the rows of one series in time order, either way, in pieces of bounded size.
///
/// It sees what the store held when the snapshot was taken. While it lives, the files that it reads stay on the disk.
package struct SeriesWalk {
    private let snapshot: Snapshot
    private var scan: RowScan?
    private var length = Self.shortestPiece
    private var lastBlock: (segment: UInt64, block: Int)?
    /// Blocks of lines that were needed so far: what the walk has cost, for in a store of many coins each row is in a block of its own.
    package private(set) var blocks = 0

    /// Pieces grow, so that a walk that ends soon has read little.
    private static let shortestPiece = 64
    private static let longestPiece = 1_024

    /// - Parameters:
    ///   - from: Inclusive.
    ///   - to: Exclusive.
    /// - Throws: `.corrupt`; so does `next`, and `.inputOutput`.
    package init(_ snapshot: Snapshot, of key: SeriesKey, from: Timestamp?, to: Timestamp?, _ direction: SortDirection) throws(StoreError) {
        self.snapshot = snapshot
        guard let number = snapshot.series.number(of: key) else { return }
        var filter = ScanFilter(onlyOf: number)
        if let from { filter.low = SortKey(timestamp: from.milliseconds, position: 0) }
        if let to { filter.high = SortKey(timestamp: to.milliseconds, position: 0) }
        if filter.high < filter.low { return }
        scan = try RowScan(snapshot.groups, filter: filter, rank: snapshot.series.rank, direction: direction)
    }

    /// The next rows; none when there are no more. Blocks on the disk: call it from a thread that may.
    package mutating func next() throws(StoreError) -> SeriesPiece {
        var piece = SeriesPiece()
        var places: [RowScan.Place] = []
        while places.count < length, let place = scan?.current {
            places.append(place)
            if let timestamp = scan?.timestamp { piece.timestamps.append(Timestamp(milliseconds: timestamp)) }
            count(place)
            try scan?.advance()
        }
        length = min(Self.longestPiece, 2 * length)
        piece.rows.take(try LineFetcher(groups: snapshot.groups, cache: snapshot.cache).fetch(places))
        return piece
    }

    private mutating func count(_ place: RowScan.Place) {
        guard case .segment(let segment, let firstRow) = snapshot.groups[Int(place.group)].group.lines else { return }
        let block = (segment.id, segment.index.block(ofRow: firstRow + Int(place.row)))
        if lastBlock.map({ $0 != block }) ?? true { blocks += 1 }
        lastBlock = block
    }
}
