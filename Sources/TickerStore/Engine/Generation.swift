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
    var waiting: WaitingList
    /// Quarantined records, of this file or others, that batches in it took out.
    var removals = 0
    var marks = LogMarks()
    /// Where the last batch ends, once the file takes no more.
    var closedLength: Int?

    init(number: Int, file: any File, path: String, firstLSN: UInt64) {
        self.number = number
        self.file = file
        self.path = path
        self.firstLSN = firstLSN
        groups = MemoryGroups(file: file, path: path)
        waiting = WaitingList(file: file, path: path)
    }

    /// Whether there is something that a segment, or a segment's list of dead lines, would hold.
    var isWorthSealing: Bool { rows + rawRecords + records.count + waiting.written + removals > 0 }

    /// What readers need of the file.
    var part: LogPart { LogPart(file: file, path: path, marks: marks, waiting: waiting.shown) }
}

/// What a snapshot knows of a log file beside its rows.
struct LogPart: Sendable {
    let file: any File
    let path: String
    let marks: LogMarks
    let waiting: WaitingList.Shown
}
