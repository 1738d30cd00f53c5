/// What one log file holds that is not sealed yet. The newest one takes commits; the others wait to be sealed, oldest first.
struct Generation {
    /// The file's number in this process.
    let number: Int
    let file: any File
    let path: String
    let firstLSN: UInt64
    /// Key → live line, of this file's rows only.
    var index = KeyIndex()
    var groups: MemoryGroups
    /// Rows written, superseded ones included.
    var rows = 0
    var rawRecords = 0
    /// Records of the runs and outliers families.
    var records: [LineRecord] = []
    /// Quarantined records of this file.
    var digests: Set<RecordDigest> = []
    /// Where the last batch ends, once the file takes no more.
    var closedLength: Int?

    init(number: Int, file: any File, path: String, firstLSN: UInt64) {
        self.number = number
        self.file = file
        self.path = path
        self.firstLSN = firstLSN
        groups = MemoryGroups(file: file, path: path)
    }

    /// Whether there is something that a segment would hold.
    var isWorthSealing: Bool { rows + rawRecords + records.count + digests.count > 0 }
}
