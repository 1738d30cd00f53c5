import MarketData

/// Writes what can be saved of a damaged log into a new log file, under new record numbers behind all old ones.
///
/// New numbers, so that no start can take an old file for a part of the new log.
struct LogRewrite {
    private let directory: DataDirectory
    let name: String
    private let firstLSN: UInt64
    private let file: any File
    private var writer: LogWriter
    private(set) var batches = 0

    /// Bytes that are gathered before they are written.
    private static let pieceLength = 1 << 20

    private var temporary: String { directory.walPath + "/." + name + ".tmp" }

    /// - Parameter firstLSN: Behind every LSN that the old log may have had.
    init(_ directory: DataDirectory, storeID: StoreID, firstLSN: UInt64) throws(StoreError) {
        self.directory = directory
        self.firstLSN = firstLSN
        name = LogFormat.fileName(firstLSN: firstLSN)
        let path = directory.walPath + "/" + name
        let header = LogFileHeader(storeID: storeID, firstLSN: firstLSN, salt: .random(in: .min ... .max), created: currentMilliseconds())
        let temporary = directory.walPath + "/." + name + ".tmp"
        file = try storing { () throws(FileError) in
            if try directory.fileSystem.status(directory.walPath) == nil { try directory.fileSystem.makeDirectory(directory.walPath) }
            for leftover in [temporary, path] where try directory.fileSystem.status(leftover) != nil { try directory.fileSystem.remove(leftover) }
            let file = try directory.fileSystem.open(temporary, .createNew)
            try file.write(all: header.encoded(), at: 0)
            return file
        }
        writer = LogWriter(
            file: file,
            path: path,
            header: header,
            number: 0,
            committedEnd: LogFormat.fileHeaderLength,
            nextLSN: firstLSN,
            statedDurableLSN: firstLSN - 1,
            capacity: .max
        )
    }

    /// Appends a whole batch.
    mutating func add(_ batch: [LogRecovery.Record]) throws(StoreError) {
        batches += 1
        for record in batch {
            guard let type = LogRecordType(rawValue: record.header.type) else { continue }
            writer.beginRecord()
            writer.pending.append(contentsOf: record.payload)
            try writer.endRecord(type, commit: record.header.isCommit)
        }
        if writer.pending.count >= Self.pieceLength { try flush() }
    }

    /// Appends a batch that takes keys out of the state.
    mutating func remove(_ keys: [String]) throws(StoreError) {
        batches += 1
        writer.beginRecord()
        StatePayload.encode(keys.map { StateChange(key: $0, value: nil) }, into: &writer.pending)
        try writer.endRecord(.state, commit: true)
        if writer.pending.count >= Self.pieceLength { try flush() }
    }

    private mutating func flush() throws(StoreError) {
        do throws(FileError) {
            try writer.write()
            try writer.sync()
        } catch {
            throw StoreError(error)
        }
    }

    /// Gives the file its name.
    ///
    /// - Returns: The last LSN in it.
    mutating func finish() throws(StoreError) -> UInt64 {
        try flush()
        try storing { () throws(FileError) in
            try file.sync()
            try directory.fileSystem.rename(temporary, to: directory.walPath + "/" + name)
            try directory.fileSystem.syncDirectory(directory.walPath)
        }
        return writer.nextLSN - 1
    }
}
