/// The open end of the write-ahead log: one preallocated file, an offset that only a successful sync moves.
///
/// Use: `beginRecord` and `endRecord` around each payload, then `write`, then `sync`. Until `sync` returns, nothing
/// that was appended counts: a failed write leaves the committed offset where it was and the next try overwrites.
struct LogWriter {
    let file: any File
    let path: String
    let header: LogFileHeader
    /// The file's number in this process, for `LineLocator`.
    let number: Int
    /// Where the next record goes; everything before it is on disk.
    private(set) var committedEnd: Int
    private(set) var nextLSN: UInt64
    /// The highest LSN known to be on disk.
    private(set) var durableLSN: UInt64
    /// `durableLSN` as the newest record in the file states it.
    private(set) var statedDurableLSN: UInt64
    /// The bytes reserved for the file.
    let capacity: Int

    /// Encoded records that are not on disk yet; they go to `committedEnd`.
    var pending: [UInt8] = []
    private var pendingNextLSN: UInt64
    private var recordStart = 0

    init(
        file: any File,
        path: String,
        header: LogFileHeader,
        number: Int,
        committedEnd: Int,
        nextLSN: UInt64,
        statedDurableLSN: UInt64,
        capacity: Int
    ) {
        self.file = file
        self.path = path
        self.header = header
        self.number = number
        self.committedEnd = committedEnd
        self.nextLSN = nextLSN
        self.durableLSN = nextLSN - 1
        self.statedDurableLSN = statedDurableLSN
        self.capacity = capacity
        pendingNextLSN = nextLSN
    }

    /// Whether the file has no record yet.
    var isEmpty: Bool { committedEnd == LogFormat.fileHeaderLength }

    /// Whether `bytes` more fit behind what is already pending.
    func hasRoom(for bytes: Int) -> Bool {
        committedEnd + pending.count + bytes <= capacity
    }

    /// Starts a record; its payload is then appended to `pending`, and `endRecord` closes it.
    mutating func beginRecord() {
        recordStart = pending.count
        pending.append(contentsOf: repeatElement(0, count: LogFormat.recordHeaderLength))
    }

    /// Closes the record: pads the payload, computes both CRCs, gives it the next LSN.
    ///
    /// - Throws: `.tooLarge` for a payload that the reader would refuse.
    mutating func endRecord(_ type: LogRecordType, commit: Bool) throws(StoreError) {
        let payloadStart = recordStart + LogFormat.recordHeaderLength
        let length = pending.count - payloadStart
        guard length <= LogFormat.maximumPayload else {
            throw StoreError(.tooLarge, "a record of \(length) bytes; a log record has at most \(LogFormat.maximumPayload)")
        }
        pending.padToEight(from: payloadStart)
        let crc = pending.withUnsafeBytes { crc32($0.slice(payloadStart..<$0.count), seed: header.salt) }
        let record = LogRecordHeader(
            type: type,
            flags: commit ? LogRecordHeader.commitFlag : 0,
            payloadLength: length,
            payloadCRC: crc,
            lsn: pendingNextLSN,
            durableLSN: durableLSN
        )
        record.encode(into: &pending, at: recordStart, salt: header.salt)
        pendingNextLSN += 1
    }

    /// Takes back the record that `beginRecord` started.
    mutating func cancelRecord() {
        pending.removeSubrange(recordStart...)
    }

    /// Where the payload of the record begun last starts in `pending`.
    var recordPayloadStart: Int { recordStart + LogFormat.recordHeaderLength }

    /// The offset in the file that the next byte of `pending` will have.
    var pendingOffset: Int { committedEnd + pending.count }

    /// The LSN of the record appended last.
    var lastPendingLSN: UInt64 { pendingNextLSN - 1 }

    /// Hands the pending records to the operating system. After a failure nothing has happened yet: `discard` and go on.
    func write() throws(FileError) {
        try pending.span.withUnsafeBytes { bytes throws(FileError) in try file.write(bytes, at: committedEnd) }
    }

    /// Makes what `write` wrote durable. A failure here poisons the store.
    mutating func sync() throws(FileError) {
        try file.syncData()
        accept()
        durableLSN = nextLSN - 1
    }

    /// Counts what `write` wrote as part of the log without waiting for the disk; only for a NOOP, which acknowledges nothing.
    mutating func accept() {
        committedEnd += pending.count
        nextLSN = pendingNextLSN
        if !pending.isEmpty { statedDurableLSN = durableLSN }
        pending.removeAll(keepingCapacity: true)
    }

    /// Forgets the pending records, and cuts from the file what a failed `write` may have left behind the end: whole batches among it
    /// would otherwise come back at the next start. A failure here poisons the store.
    mutating func discard(wasWritten: Bool) throws(FileError) {
        pending.removeAll(keepingCapacity: true)
        pendingNextLSN = nextLSN
        guard wasWritten else { return }
        try file.truncate(to: committedEnd)
        // On a full disk the space stays unreserved; the next write then says so.
        try? file.allocate(capacity)
    }
}
