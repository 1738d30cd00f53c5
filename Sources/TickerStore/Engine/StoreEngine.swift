import MarketData

/// The storage engine: synchronous, used by one thread at a time. `Store` is its door for everyone else.
///
/// `commit(batches) → log records → one fdatasync → memory part → published snapshot`
final class StoreEngine {
    private let directory: DataDirectory
    private let options: StoreOptions
    /// Held until `close`, or for life.
    private var lock: (any File)?
    private var manifest: Manifest
    private var writer: LogWriter
    private var tables = KeyTables()
    private var parts = PartList()
    private var counts = StoreCounts()
    private var state: [String: [UInt8]] = [:]
    private var waiting: Set<RecordDigest> = []
    private(set) var poisoned: String?
    /// Bytes of the log files that are not written to any more.
    private var closedLogBytes = 0
    /// Sentences about what opening found and did, for the log.
    private(set) var openingNotes: [String]

    /// Opens a data directory, or makes one.
    init(path: String, fileSystem: any FileSystem, options: StoreOptions) throws(StoreError) {
        self.options = options
        directory = DataDirectory(path: path, fileSystem: fileSystem)
        lock = try directory.lock(holder: options.holder)
        if let existing = try directory.readManifest() {
            manifest = existing
        } else {
            manifest = Manifest(
                storeID: StoreID(high: options.random(), low: options.random()),
                generation: 1,
                created: options.now(),
                durableLSN: 0,
                firstLSN: 1,
                logFiles: []
            )
            try directory.create(manifest)
        }
        // Nothing is changed before everything was read: a start that refuses leaves the directory as it found it.
        try directory.refuseUnlistedRecords(manifest)
        let cleanLSN = CleanMarker.read(from: directory, storeID: manifest.storeID)
        guard !manifest.logFiles.isEmpty else {
            openingNotes = try directory.setUnlistedAside(manifest)
            writer = try Self.makeLogFile(number: 0, firstLSN: 1, atLeast: 0, manifest: &manifest, directory: directory, options: options)
            tables.lines.files = [writer.file]
            return
        }
        var replay = Replay()
        let recovery = LogRecovery(fileSystem: fileSystem, storeID: manifest.storeID)
        let end = try recovery.replay(
            manifest.logFiles.map { [directory] in directory.walPath + "/" + $0 },
            firstLSN: manifest.firstLSN,
            durableLSN: manifest.durableLSN,
            cleanLSN: cleanLSN,
            opened: { replay.tables.lines.files.append($0) },
            visit: { batch, file, path throws(StoreError) in try replay.apply(batch, file: file, path: path) }
        )
        replay.finishPart()
        (tables, parts, counts, state, waiting) = (replay.tables, replay.parts, replay.counts, replay.state, replay.waiting)
        try CleanMarker.remove(from: directory)
        openingNotes = try directory.setUnlistedAside(manifest)
        let number = manifest.logFiles.count - 1
        for file in tables.lines.files.dropLast() { closedLogBytes += try storing { () throws(FileError) in try file.status().size } }
        writer = try Self.reopen(end, number: number, directory: directory, options: options, notes: &openingNotes)
        if cleanLSN != end.nextLSN - 1 {
            openingNotes.append("the last stop was not clean; replayed \(counts.rows) rows up to record \(end.nextLSN - 1)")
        }
    }

    /// Cuts what does not belong to a whole batch, after keeping a copy, and makes the log ready for appending.
    private static func reopen(
        _ end: LogRecovery.End,
        number: Int,
        directory: DataDirectory,
        options: StoreOptions,
        notes: inout [String]
    ) throws(StoreError) -> LogWriter {
        if end.hasTail { notes.append(try keepTail(end, directory: directory, at: options.now())) }
        try storing { () throws(FileError) in
            // Stale bytes behind the end must never be read as records of a later batch.
            if end.hasTail { try end.file.truncate(to: end.committedEnd) }
            try end.file.sync()
        }
        let free = try storing { () throws(FileError) in try directory.fileSystem.freeBytes(directory.path) }
        let capacity = max(options.logFileBytes ?? LogCapacity.onDisk(withFree: free), end.hasTail ? end.committedEnd : end.size)
        // A full disk must not keep us from serving what is stored.
        try? end.file.allocate(capacity)
        return LogWriter(
            file: end.file,
            path: end.path,
            header: end.header,
            number: number,
            committedEnd: end.committedEnd,
            nextLSN: end.nextLSN,
            statedDurableLSN: end.statedDurableLSN,
            capacity: capacity
        )
    }

    /// Keeps a copy of what is about to be cut; only a full disk, which must not keep us from starting, leaves it without one.
    private static func keepTail(_ end: LogRecovery.End, directory: DataDirectory, at milliseconds: Int64) throws(StoreError) -> String {
        let what = "\(end.path) ended in the middle of a batch at offset \(end.committedEnd); that batch was never acknowledged"
        do throws(StoreError) {
            return what + ". Kept as \(try directory.keepTornTail(of: end, at: milliseconds))"
        } catch {
            guard error.kind == .noSpace else { throw error }
            return what + ", and there was no space to keep a copy of it"
        }
    }

    /// Makes the next log file and lists it, in the order of the format document: file (1), its name (2), manifest (3).
    private static func makeLogFile(
        number: Int,
        firstLSN: UInt64,
        atLeast bytes: Int,
        manifest: inout Manifest,
        directory: DataDirectory,
        options: StoreOptions
    ) throws(StoreError) -> LogWriter {
        let name = LogFormat.fileName(firstLSN: firstLSN)
        let temporary = directory.walPath + "/." + name + ".tmp"
        let path = directory.walPath + "/" + name
        let header = LogFileHeader(
            storeID: manifest.storeID,
            firstLSN: firstLSN,
            salt: UInt32(truncatingIfNeeded: options.random()),
            created: options.now()
        )
        let free = try storing { () throws(FileError) in try directory.fileSystem.freeBytes(directory.path) }
        let capacity = max(options.logFileBytes ?? LogCapacity.onDisk(withFree: free), LogFormat.fileHeaderLength + bytes)
        var next = manifest
        next.generation += 1
        next.durableLSN = firstLSN - 1
        next.logFiles.append(name)
        let file = try storing { () throws(FileError) -> any File in
            for leftover in [temporary, path] where try directory.fileSystem.status(leftover) != nil {
                try directory.fileSystem.remove(leftover)
            }
            let file = try directory.fileSystem.open(temporary, .createNew)
            do throws(FileError) {
                try file.allocate(capacity)
                try file.write(all: header.encoded(), at: 0)
            } catch {
                try? directory.fileSystem.remove(temporary)
                throw error
            }
            try file.sync()  // (1)
            try directory.fileSystem.rename(temporary, to: path)
            try directory.fileSystem.syncDirectory(directory.walPath)  // (2)
            return file
        }
        try directory.write(next)  // (3)
        manifest = next
        return LogWriter(
            file: file,
            path: path,
            header: header,
            number: number,
            committedEnd: LogFormat.fileHeaderLength,
            nextLSN: firstLSN,
            statedDurableLSN: firstLSN - 1,
            capacity: capacity
        )
    }
}

// MARK: - Commit

extension StoreEngine {
    /// Commits batches in order, as few syncs as possible; one result a batch.
    func commit(_ batches: [Batch]) -> [Result<CommitCounts, StoreError>] {
        var results: [Result<CommitCounts, StoreError>] = []
        while results.count < batches.count {
            let batch = batches[results.count]
            do throws(StoreError) {
                if let error = refusal(of: batch) { throw error }
                let need = Self.spaceNeeded(batch)
                // An empty file takes a batch of any size; the next one would have its very name.
                if !writer.hasRoom(for: need), !writer.isEmpty { try rotate(atLeast: need) }
                results.append(contentsOf: try commitGroup(batches[results.count...]).map { .success($0) })
            } catch {
                batch.sequence?.fail()
                results.append(.failure(error))
            }
        }
        return results
    }

    /// Why a batch is not even tried.
    private func refusal(of batch: Batch) -> StoreError? {
        if let poisoned { return StoreError(.poisoned, poisoned) }
        if batch.sequence?.hasFailed == true { return StoreError(.closed, "a batch before this one failed") }
        return Self.limitError(batch)
    }

    /// Commits as many batches as fit the open log file, at least the first; with an error none of them.
    private func commitGroup(_ batches: ArraySlice<Batch>) throws(StoreError) -> [CommitCounts] {
        var group = CommitGroup()
        var wasWritten = false
        do throws(StoreError) {
            for batch in batches {
                if !group.outcomes.isEmpty, refusal(of: batch) != nil || !writer.hasRoom(for: Self.spaceNeeded(batch)) { break }
                try group.add(batch, to: &tables, writer: &writer, waiting: waiting)
            }
            wasWritten = true
            try storing { () throws(FileError) in try writer.write() }
        } catch {
            // Nothing was promised: index and file go back to where they were.
            group.takeBack(from: &tables)
            tables.lines.forgetWindow()
            do throws(FileError) {
                try writer.discard(wasWritten: wasWritten)
            } catch {
                throw poison(error)
            }
            throw error
        }
        options.beforeSync?(writer.nextLSN)
        do throws(FileError) {
            try writer.sync()
        } catch {
            group.takeBack(from: &tables)
            throw poison(error)
        }
        publish(group)
        return group.outcomes
    }

    /// From here on the batches are acknowledged.
    private func publish(_ group: CommitGroup) {
        if !group.rows.isEmpty {
            let rank = tables.series.rank
            var rows = group.rows
            for index in rows.indices { rows[index].rank = rank[Int(rows[index].series)] }
            parts.append(MemoryPart(rows), rank: rank)
            for old in group.superseded { parts.markDead(series: old.series, timestamp: old.timestamp, locator: old.locator, rank: rank) }
        }
        for (source, rows) in group.insertedBySource { counts.add(rows: rows, source: source) }
        counts.rawRecords += group.rawRecords
        counts.quarantined += group.digests.count
        waiting.formUnion(group.digests)
        for change in group.changes { state[change.key] = change.value }
    }

    private func poison(_ error: FileError) -> StoreError {
        poison(because: error.description)
    }

    private func poison(because what: String) -> StoreError {
        let reason =
            "\(what). What the disk holds is now uncertain, so nothing more is acknowledged; check the disk, then restart kasparro, which reads everything back"
        poisoned = reason
        return StoreError(.poisoned, reason)
    }

    /// Goes on in a new log file.
    private func rotate(atLeast bytes: Int) throws(StoreError) {
        let old = writer
        do throws(FileError) {
            // Before a later file exists, nothing but whole batches may be in this one: a failed write may have left a piece behind the end.
            try old.file.truncate(to: old.committedEnd)
            try old.file.sync()
        } catch {
            throw poison(error)
        }
        do throws(StoreError) {
            writer = try Self.makeLogFile(
                number: old.number + 1,
                firstLSN: old.nextLSN,
                atLeast: bytes,
                manifest: &manifest,
                directory: directory,
                options: options
            )
        } catch {
            // A sync or a rename that failed half way: the disk may list a file that we do not write to.
            throw error.kind == .poisoned ? poison(because: error.message) : error
        }
        tables.lines.files.append(writer.file)
        closedLogBytes += old.committedEnd
    }

    /// An upper bound of the bytes that a batch adds to the log.
    private static func spaceNeeded(_ batch: Batch) -> Int {
        // Headers, paddings, and room for the state, which is only known later.
        var bytes = batch.byteCount + 4_096
        // Columns and raw lengths.
        bytes += batch.rows.count * 20
        for key in batch.series { bytes += key.symbol.count + key.source.count + key.sourceID.count + 3 }
        for record in batch.quarantined {
            bytes += record.place.utf8.count + 48
            for reason in record.reasons { bytes += reason.utf8.count + 1 }
        }
        return bytes
    }

    private static func limitError(_ batch: Batch) -> StoreError? {
        if batch.rows.count > LogFormat.maximumBatchRows || batch.byteCount > LogFormat.maximumBatchBytes {
            return StoreError(
                .tooLarge,
                "a batch of \(batch.rows.count) rows and \(batch.byteCount) bytes; at most \(LogFormat.maximumBatchRows) and \(LogFormat.maximumBatchBytes)"
            )
        }
        if batch.series.contains(where: { max($0.symbol.count, $0.source.count, $0.sourceID.count) > Int(UInt8.max) }) {
            return StoreError(.tooLarge, "a symbol, source or source id is longer than 255 bytes")
        }
        if batch.rows.contains(where: { $0.lineLength < 2 || Int($0.lineLength) > LogFormat.maximumLine }) {
            return StoreError(.tooLarge, "a row's line is empty or longer than \(LogFormat.maximumLine) bytes")
        }
        return nil
    }
}

// MARK: - Idle, close, and what others see

extension StoreEngine {
    /// After an idle second: a NOOP record states the newer durable LSN, so that rot in the last group cannot pass for a torn tail.
    func idle() {
        guard poisoned == nil, writer.durableLSN > writer.statedDurableLSN, writer.hasRoom(for: LogFormat.recordHeaderLength) else { return }
        writer.beginRecord()
        // An empty record is never too large.
        try? writer.endRecord(.noop, commit: true)
        do throws(FileError) {
            try writer.write()
            writer.accept()
        } catch {
            do throws(FileError) { try writer.discard(wasWritten: true) } catch { _ = poison(error) }
        }
    }

    /// An orderly stop: everything on disk, then the CLEAN marker.
    func close() throws(StoreError) {
        if let poisoned { throw StoreError(.poisoned, poisoned) }
        do throws(FileError) {
            try writer.sync()
        } catch {
            throw poison(error)
        }
        do throws(StoreError) {
            try CleanMarker.write(in: directory, storeID: manifest.storeID, lastLSN: writer.nextLSN - 1)
        } catch {
            // Without the marker the next start only looks more closely.
            if error.kind != .noSpace { throw error }
        }
        lock = nil
    }

    /// What readers see from now on.
    func snapshot() -> Snapshot {
        Snapshot(series: tables.series, parts: parts.views, files: tables.lines.files, counts: counts)
    }

    /// The live state whose keys begin with `prefix`, by key.
    func state(prefix: String) -> [(key: String, value: [UInt8])] {
        state.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func statistics() -> StoreStatistics {
        let bytes = closedLogBytes + max(writer.capacity, writer.committedEnd)
        return StoreStatistics(
            segments: 0,
            walFiles: tables.lines.files.count,
            walBytes: bytes,
            bytes: bytes,
            memoryParts: parts.views.count,
            series: tables.series.count,
            lastLSN: writer.nextLSN - 1,
            durableLSN: writer.durableLSN,
            poisoned: poisoned
        )
    }
}

/// How much a log file reserves.
enum LogCapacity {
    static let usual = 64 << 20
    static let least = 4 << 20

    /// 1/16 of the free space on a small disk.
    static func onDisk(withFree bytes: Int) -> Int {
        min(usual, max(least, bytes / 16))
    }
}
