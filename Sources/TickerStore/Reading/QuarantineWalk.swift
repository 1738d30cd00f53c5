import MarketData

/// Walks the quarantined records of one snapshot, oldest first; those of one instant and source in the order in which they came, as far as mergers
/// have kept it.
///
/// It sees what waited when the snapshot was taken: neither what comes meanwhile nor that records are taken out moves it. While it lives, the files
/// that it reads stay on the disk.
package struct QuarantineWalk: Sendable {
    private let filter: QuarantineFilter
    private let quarantine: QuarantineGroups
    private var scan: RowScan?

    /// Records that are read together, and bytes after which a piece ends.
    private static let pieceLength = 32
    private static let pieceBytes = 4 << 20

    /// - Throws: `.corrupt`; so do the other methods, and `.inputOutput`.
    package init(_ snapshot: Snapshot, _ filter: QuarantineFilter) throws(StoreError) {
        self.filter = filter
        quarantine = QuarantineGroups(snapshot)
        scan = try quarantine.scan(source: filter.source, before: filter.recordedBefore, .ascending)
    }

    /// The next records; empty when there are no more.
    ///
    /// - Parameter limit: At most so many, fewer when they are large.
    package mutating func next(atMost limit: Int) throws(StoreError) -> [WaitingRecord] {
        var records: [WaitingRecord] = []
        var bytes = 0
        while records.count < limit, bytes < Self.pieceBytes {
            let places = try nextPlaces(min(Self.pieceLength, limit - records.count))
            if places.isEmpty { break }
            for record in try quarantine.records(places) where filter.reason.map({ record.reasons.contains($0) }) ?? true {
                records.append(record)
                bytes += record.content.count + record.header.count
            }
        }
        return records
    }

    /// The ids of the next records; empty when there are no more. Reads lines only for a reason.
    package mutating func nextIDs(atMost limit: Int) throws(StoreError) -> [RecordDigest] {
        if filter.reason != nil { return try next(atMost: limit).map(\.id) }
        return quarantine.ids(of: try nextPlaces(limit))
    }

    /// How many records are left. The walk is at its end then.
    package mutating func count() throws(StoreError) -> Int {
        var count = 0
        while true {
            let found = try filter.reason == nil ? nextPlaces(4_096).count : next(atMost: 1_000).count
            if found == 0 { return count }
            count += found
        }
    }

    private mutating func nextPlaces(_ limit: Int) throws(StoreError) -> [RowScan.Place] {
        var places: [RowScan.Place] = []
        while places.count < limit, let place = scan?.current {
            places.append(place)
            try scan?.advance()
        }
        return places
    }
}
