/// What the manifest says of one segment.
struct SegmentInfo: Sendable, Equatable {
    /// The file that says which rows are dead.
    struct DeadFile: Sendable, Equatable {
        /// Its name in the family's directory.
        var file: String
        /// How many rows are dead.
        var rows: Int
        /// Bytes of the file, and the CRC of all of them.
        var bytes: Int
        var crc: UInt32
    }

    var family: Family
    var id: UInt64
    /// Lines, dead ones included.
    var rows: Int
    /// Timestamps of the first and the last row in time, milliseconds since 1970.
    var earliest: Int64
    var latest: Int64
    /// Bytes of the lines file, and the CRC of all of them.
    var bytes: Int
    var crc: UInt32
    /// Bytes of the index, and the CRC of all of them.
    var indexBytes: Int
    var indexCRC: UInt32
    /// Live rows by the name of their source; "" in the families that have none.
    var live: [String: Int]
    /// When the rows were fetched or recorded, milliseconds since 1970.
    var recorded: ClosedRange<Int64>
    /// nil: all rows are live.
    var dead: DeadFile?

    /// Eight digits, more only when the number needs them.
    static func name(_ id: UInt64) -> String {
        let digits = String(id)
        return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
    }

    static func dataName(_ id: UInt64) -> String { name(id) + ".jsonl.gz" }
    static func indexName(_ id: UInt64) -> String { name(id) + ".idx" }

    var dataName: String { Self.dataName(id) }
    var indexName: String { Self.indexName(id) }
}
