/// A sealed segment of rows in the tables.
struct SegmentSlot: Sendable {
    let segment: Segment
    /// As the newest manifest has it.
    var info: SegmentInfo
    /// Its groups in `RowTables.sealed`.
    var groups: Range<Int>
    /// Live rows by source, now.
    var live: [String: Int]
    /// Now; the manifest learns of them with the next job.
    var deadRows: Int
}
