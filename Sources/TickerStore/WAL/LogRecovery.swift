/// Replays the log and decides, where it stops, between a torn tail and corruption.
///
/// The rule (`FORMAT.md`, Recovery): let e be the LSN of the first record that cannot be read, and D the highest LSN
/// that any intact header, the manifest or the CLEAN marker calls durable. e > D: the tail was being written when the
/// machine stopped and nothing in it was ever acknowledged; it is set aside and cut. e ≤ D: the disk lost something it had; we refuse.
struct LogRecovery {
    /// What to do about damage; ends every refusal.
    static let advice =
        "Nothing was changed. `kasparro verify --deep` lists all damage, `kasparro repair` shows what can be saved; else restore a backup."

    /// One record of a batch.
    struct Record {
        var header: LogRecordHeader
        var payload: [UInt8]
        /// The payload's offset in its file.
        var offset: Int
    }

    /// What replay found at the open end of the log.
    struct End {
        var file: any File
        var path: String
        var header: LogFileHeader
        /// Behind the last whole batch.
        var committedEnd: Int
        var nextLSN: UInt64
        /// The highest durable LSN that a record in the file states.
        var statedDurableLSN: UInt64
        /// Bytes after `committedEnd` that are not zero: they must be set aside and cut.
        var hasTail: Bool
        var size: Int

        /// Before the first record.
        init(of reader: LogFileReader) {
            file = reader.file
            path = reader.path
            header = reader.header
            committedEnd = reader.offset
            nextLSN = reader.header.firstLSN
            statedDurableLSN = 0
            hasTail = false
            size = reader.size
        }
    }

    let fileSystem: any FileSystem
    let storeID: StoreID

    /// Gives every whole batch to `visit`, in order, with the path of its file.
    ///
    /// - Parameters:
    ///   - paths: The log files of the manifest, oldest first, at least one.
    ///   - firstLSN: The LSN with which the first of them begins.
    ///   - durableLSN: What the manifest calls durable.
    ///   - cleanLSN: Where the log ended at the last stop, if that was an orderly one.
    ///   - opened: Called with each file once its header is read.
    /// - Throws: `.corrupt` with file and offset.
    func replay(
        _ paths: [String],
        firstLSN: UInt64,
        durableLSN: UInt64,
        cleanLSN: UInt64?,
        opened: (_ file: any File, _ path: String, _ firstLSN: UInt64) -> Void,
        visit: (_ batch: [Record], _ path: String) throws(StoreError) -> Void
    ) throws(StoreError) -> End {
        var expected = firstLSN
        var durable = max(durableLSN, cleanLSN ?? 0)
        for (number, path) in paths.enumerated() {
            let isLast = number == paths.count - 1
            let file = try open(path, isLast ? .readWrite : .read)
            // After a failed sync the cache may show what the disk never got; only an orderly stop says that there was none.
            if cleanLSN == nil { file.dropCache() }
            var reader = try LogFileReader(file: file, path: path)
            try check(reader, expected: expected)
            opened(file, path, reader.header.firstLSN)
            var end = End(of: reader)
            let stop = try readBatches(&reader, &end, visit)
            durable = max(durable, end.statedDurableLSN)
            if isLast {
                // Nothing was written after the marker was, so there is nothing behind the end to look for.
                if stop == .betweenBatches, cleanLSN == end.nextLSN - 1 { return end }
                end.hasTail = try checkTail(behind: reader, durableLSN: durable) || stop != .betweenBatches
                return end
            }
            guard stop == .betweenBatches else {
                throw .corrupt(path, offset: reader.offset, "record \(reader.expectedLSN) is damaged, and later log files exist. \(Self.advice)")
            }
            expected = end.nextLSN
        }
        preconditionFailure("replay without a log file")
    }

    /// Where the records of a file stop.
    private enum Stop {
        /// No record follows the last whole batch.
        case betweenBatches
        /// No record follows one that does not end its batch.
        case insideBatch
        /// Bytes follow that are no record.
        case damage
    }

    /// Visits the whole batches of a file and moves its end behind them.
    private func readBatches(
        _ reader: inout LogFileReader,
        _ end: inout End,
        _ visit: (_ batch: [Record], _ path: String) throws(StoreError) -> Void
    ) throws(StoreError) -> Stop {
        var batch: [Record] = []
        while true {
            switch try reader.next() {
            case .record(let header, let payload, let offset):
                end.statedDurableLSN = max(end.statedDurableLSN, header.durableLSN)
                batch.append(Record(header: header, payload: payload, offset: offset))
                guard header.isCommit else { continue }
                try visit(batch, reader.path)
                batch.removeAll(keepingCapacity: true)
                end.committedEnd = reader.offset
                end.nextLSN = header.lsn + 1
            case .end: return batch.isEmpty ? .betweenBatches : .insideBatch
            case .bad: return .damage
            }
        }
    }

    /// Decides about what follows the last record of the log.
    ///
    /// - Returns: Whether any byte there is not zero.
    /// - Throws: `.corrupt` when the first record that cannot be read was on disk.
    private func checkTail(behind reader: LogFileReader, durableLSN: UInt64) throws(StoreError) -> Bool {
        let rest = try reader.survey()
        let durable = max(durableLSN, rest.durableLSN)
        guard reader.expectedLSN > durable else {
            throw .corrupt(
                reader.path,
                offset: reader.offset,
                "record \(reader.expectedLSN) is damaged or missing, but everything up to \(durable) was on disk. \(Self.advice)"
            )
        }
        return rest.hasBytes
    }

    private func open(_ path: String, _ mode: FileMode) throws(StoreError) -> any File {
        let kind = try storing { () throws(FileError) in try fileSystem.status(path)?.kind }
        guard kind == .file else {
            let what = kind == nil ? "is missing" : "is no file"
            throw .corrupt(path, offset: 0, "the manifest lists this log file, but it \(what). \(Self.advice)")
        }
        return try storing { () throws(FileError) in try fileSystem.open(path, mode) }
    }

    private func check(_ reader: LogFileReader, expected: UInt64) throws(StoreError) {
        guard reader.header.storeID == storeID else {
            throw .corrupt(reader.path, offset: 16, "this log file belongs to another store (\(reader.header.storeID)). \(Self.advice)")
        }
        let name = LogFormat.fileName(firstLSN: reader.header.firstLSN)
        guard reader.path.hasSuffix(name) else {
            throw .corrupt(reader.path, offset: 32, "the header says that this file should be named \(name). \(Self.advice)")
        }
        if reader.header.firstLSN != expected {
            throw .corrupt(
                reader.path,
                offset: 32,
                "this file begins with record \(reader.header.firstLSN) where record \(expected) belongs: a file before it is missing. \(Self.advice)"
            )
        }
    }
}
