/// Reads the whole log, also behind damage: gives the whole batches in order and says what lies between them and cannot be read.
///
/// Where the log may end it goes by the rule of `LogRecovery`: a tail that nobody ever called durable is no damage.
struct LogWalk {
    /// Records that cannot be read, or whose batch is not whole because of such.
    struct Loss {
        /// Below the data directory.
        var file: String
        var offset: Int
        var what: String
        var first: UInt64
        /// nil: nobody knows.
        var last: UInt64?

        var affected: String {
            guard let last else { return "every record from \(first) on" }
            return last < first ? "" : last == first ? "record \(first)" : "\(last - first + 1) records, \(first) to \(last)"
        }
    }

    struct Outcome {
        var losses: [Loss] = []
        var findings: [Finding] = []
        /// A file has a damaged header, or the files are not those that the manifest lists.
        var mustBeRewritten = false
        var hasMissingFile = false
        var records = 0
        /// The last record of the last whole batch; one less than the first when there is none.
        var lastLSN: UInt64 = 0
        /// The highest LSN that anything calls durable or that was seen.
        var highestLSN: UInt64 = 0
    }

    let directory: DataDirectory
    let storeID: StoreID?
    private var outcome = Outcome()
    private var durable: UInt64
    /// The LSN that comes next.
    private var expected: UInt64
    private var batch: [LogRecovery.Record] = []
    /// Behind damage, until a batch begins.
    private var isLost = false

    /// - Parameters:
    ///   - firstLSN: Where the log begins.
    ///   - durableLSN: What manifest and CLEAN call durable.
    init(_ directory: DataDirectory, storeID: StoreID?, firstLSN: UInt64, durableLSN: UInt64) {
        self.directory = directory
        self.storeID = storeID
        durable = durableLSN
        expected = firstLSN
        outcome.lastLSN = firstLSN - 1
        outcome.highestLSN = max(durableLSN, firstLSN - 1)
    }

    /// - Parameters:
    ///   - names: In `wal/`, oldest first.
    ///   - visit: Gets each whole batch.
    /// - Throws: What `visit` throws, and `.newerFormat`.
    mutating func run(_ names: [String], visit: (_ batch: [LogRecovery.Record]) throws(StoreError) -> Void) throws(StoreError) -> Outcome {
        for (index, name) in names.enumerated() {
            let next = index + 1 < names.count ? LogFormat.firstLSN(ofFileName: names[index + 1]) : nil
            guard let file = try open(name) else { continue }
            try read(file, next: next, visit)
        }
        if durable >= expected, !names.isEmpty {
            // The last file is missing, or was cut: what should be in it was on disk once.
            lose(to: durable, "wal/" + names[names.count - 1], 0, "everything up to record \(durable) was on disk, but the log ends before")
        }
        outcome.highestLSN = max(outcome.highestLSN, durable)
        return outcome
    }

    // MARK: One file

    private mutating func open(_ name: String) throws(StoreError) -> LogFileSalvage? {
        let path = directory.walPath + "/" + name
        let short = "wal/" + name
        do throws(StoreError) {
            guard try storing({ () throws(FileError) in try directory.fileSystem.status(path) })?.kind == .file else {
                outcome.hasMissingFile = true
                throw .corrupt(path, offset: 0, "the manifest lists this log file, but it is missing")
            }
            let opened = try storing { () throws(FileError) in try directory.fileSystem.open(path, .read) }
            let file = try LogFileSalvage(opened, path: path, name: short, storeID: storeID)
            if let storeID, file.header.storeID != storeID {
                throw .corrupt(path, offset: 16, "this log file belongs to another store (\(file.header.storeID))")
            }
            guard LogFormat.fileName(firstLSN: file.header.firstLSN) == name else {
                throw .corrupt(
                    path,
                    offset: 32,
                    "the header says that this file should be named \(LogFormat.fileName(firstLSN: file.header.firstLSN))"
                )
            }
            if let fault = file.headerFault {
                outcome.mustBeRewritten = true
                outcome.findings.append(
                    Finding(.repairable, fault, root: directory.path, file: short, affected: "the records themselves can be read")
                )
            }
            return file
        } catch {
            if error.kind == .newerFormat { throw error }
            outcome.mustBeRewritten = true
            let first = LogFormat.firstLSN(ofFileName: name) ?? expected
            outcome.findings.append(Finding(.damage, error, root: directory.path, file: short, affected: "the records from \(first) on in this file"))
            return nil
        }
    }

    private mutating func read(
        _ file: LogFileSalvage,
        next: UInt64?,
        _ visit: (_ batch: [LogRecovery.Record]) throws(StoreError) -> Void
    ) throws(StoreError) {
        if file.header.firstLSN > expected {
            let what = "this file begins with record \(file.header.firstLSN), where record \(expected) belongs"
            lose(to: file.header.firstLSN - 1, file.name, 32, what)
        }
        expected = max(expected, file.header.firstLSN)
        isLost = false
        var offset = LogFormat.fileHeaderLength
        var committedEnd = offset
        var rest: LogFileSalvage.Rest?
        while true {
            if let found = try file.record(at: offset), found.record.lsn == expected {
                offset = found.end
                if try take(found, file, visit) { committedEnd = offset }
                continue
            }
            if rest == nil { rest = try file.survey(from: offset) }
            durable = max(durable, rest!.durableLSN)
            // Beside a server the record may have been written meanwhile.
            if let again = try file.record(at: offset), again.record.lsn == expected {
                rest = nil
                continue
            }
            let hasBytes = rest!.end > offset
            if let next, batch.isEmpty, !hasBytes || expected == next {
                if hasBytes {
                    outcome.mustBeRewritten = true
                    outcome.findings.append(Finding(.repairable, file.name, offset: offset, "bytes behind the last record"))
                }
                return
            }
            if next == nil, expected > durable { return endLog(file, committedEnd, hasBytes: hasBytes) }
            guard let found = try nextRecord(file, behind: offset, rest!, before: next) else {
                let last = next.map { $0 - 1 } ?? durable
                return lose(to: last, file.name, offset, "record \(expected) is damaged or missing")
            }
            lose(to: found.record.lsn - 1, file.name, offset, "record \(expected) is damaged")
            // Every batch that has rows begins with a ROWS record; any other one may belong to what is lost.
            isLost = found.record.type != LogRecordType.rows.rawValue
            expected = found.record.lsn
            offset = found.offset
        }
    }

    /// Takes a record into its batch; true when it ends one.
    private mutating func take(
        _ found: LogFileSalvage.Found,
        _ file: LogFileSalvage,
        _ visit: (_ batch: [LogRecovery.Record]) throws(StoreError) -> Void
    ) throws(StoreError) -> Bool {
        let record = found.record
        expected = record.lsn + 1
        outcome.records += 1
        outcome.highestLSN = max(outcome.highestLSN, record.lsn, record.durableLSN)
        durable = max(durable, record.durableLSN)
        if isLost {
            outcome.losses[outcome.losses.count - 1].last = record.lsn
            isLost = !record.isCommit
            return true
        }
        batch.append(LogRecovery.Record(header: record, payload: found.payload, offset: found.offset + LogFormat.recordHeaderLength))
        guard record.isCommit else { return false }
        defer { batch.removeAll(keepingCapacity: true) }
        if let fault = LogBatchCheck.fault(in: batch) {
            let what = "record \(fault.record.header.lsn): \(fault.what)"
            outcome.losses.append(Loss(file: file.name, offset: fault.record.offset, what: what, first: batch[0].header.lsn, last: record.lsn))
        } else {
            try visit(batch)
            outcome.lastLSN = record.lsn
        }
        return true
    }

    private func nextRecord(_ file: LogFileSalvage, behind offset: Int, _ rest: LogFileSalvage.Rest, before next: UInt64?) throws(StoreError)
        -> LogFileSalvage.Found?
    {
        for place in rest.headers where place > offset {
            guard let found = try file.record(at: place), found.record.lsn >= expected, found.record.lsn < next ?? .max else { continue }
            return found
        }
        return nil
    }

    /// Everything from the open batch on up to `last` is lost.
    private mutating func lose(to last: UInt64, _ file: String, _ offset: Int, _ what: String) {
        let first = batch.first?.header.lsn ?? expected
        batch.removeAll()
        outcome.losses.append(Loss(file: file, offset: offset, what: what, first: first, last: last))
        expected = max(expected, last + 1)
        outcome.highestLSN = max(outcome.highestLSN, last)
    }

    /// The open end: what lies behind it was never acknowledged.
    private mutating func endLog(_ file: LogFileSalvage, _ committedEnd: Int, hasBytes: Bool) {
        if !batch.isEmpty || hasBytes {
            let what = batch.isEmpty ? "bytes behind the end of the log" : "the log ends in the middle of a batch"
            outcome.findings.append(Finding(.note, file.name, offset: committedEnd, "\(what); nothing behind this was ever acknowledged"))
        }
        batch.removeAll()
    }
}
