/// A row group as one snapshot sees it.
struct GroupView: Sendable {
    let group: RowGroup
    var dead = DeadRows()

    var liveCount: Int { group.count - dead.count }

    /// The live row with a key.
    func liveRow(series: UInt32, timestamp: Int64, rank: [UInt32]) -> Int? {
        group.rows(series: series, timestamp: timestamp, rank: rank).first { !dead.contains($0) }
    }
}
