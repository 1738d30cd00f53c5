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
    /// Sentences about what opening found and did, for the log.
    private(set) var openingNotes: [String]

    /// Opens a data directory, or makes one.
    init(path: String, fileSystem: any FileSystem, options: StoreOptions) throws(StoreError) {
        self.options = options
        directory = DataDirectory(path: path, fileSystem: fileSystem)
        lock = try directory.lock(holder: options.holder)
        let cleanLSN: UInt64?
        if let existing = try directory.readManifest() {
            manifest = existing
            cleanLSN = try CleanMarker.take(from: directory, storeID: existing.storeID)
        } else {
            manifest = Manifest(
                storeID: StoreID(high: options.random(), low: options.random()),
                generation: 1,
                created: options.now(),
                durableLSN: 0,
                logFiles: []
            )
            cleanLSN = nil
            try directory.create(manifest)
        }
        openingNotes = try directory.setUnlistedAside(manifest)
        if manifest.logFiles.isEmpty {
            writer = try Self.makeLogFile(number: 0, firstLSN: 1, atLeast: 0, manifest: &manifest, directory: directory, options: options)
            tables.lines.files = [writer.file]
        } else {
            var replay = Replay()
            let recovery = LogRecovery(fileSystem: fileSystem, storeID: manifest.storeID)
            let end = try recovery.replay(
                manifest.logFiles.map { [directory] in directory.walPath + "/" + $0 },
                durableLSN: manifest.durableLSN,
                cleanLSN: cleanLSN,
                opened: { replay.tables.lines.files.append($0) },
                visit: { batch, file throws(StoreError) in try replay.apply(batch, file: file) }
            )
            replay.finishPart()
            (tables, parts, counts, state, waiting) = (replay.tables, replay.parts, replay.counts, replay.state, replay.waiting)
            let number = manifest.logFiles.count - 1
            writer = try Self.reopen(end, number: number, directory: directory, options: options, notes: &openingNotes)
            if cleanLSN != end.nextLSN - 1 {
                openingNotes.append("the last stop was not clean; replayed \(counts.rows) rows up to record \(end.nextLSN - 1)")
            }
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
        let capacity = options.logFileBytes ?? LogCapacity.usual
        if end.hasTail {
            let copy = try directory.keepTornTail(of: end, at: options.now())
            notes.append(
                "\(end.path) ended in the middle of a batch at offset \(end.committedEnd); that batch was never acknowledged. Kept as \(copy)"
            )
        }
        try storing { () throws(FileError) in
            // Stale bytes behind the end must never be read as records of a later batch.
            if end.hasTail { try end.file.truncate(to: end.committedEnd) }
            try end.file.sync()
        }
        // A full disk must not keep us from serving what is stored.
        try? end.file.allocate(capacity)
        return LogWriter(
            file: end.file,
            path: end.path,
            header: end.header,
            number: number,
            committedEnd: end.committedEnd,
            nextLSN: end.nextLSN,
            capacity: max(capacity, end.committedEnd)
        )
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
            try file.allocate(capacity)
            try file.write(all: header.encoded(), at: 0)
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
            if let poisoned {
                results.append(.failure(StoreError(.poisoned, poisoned)))
                continue
            }
            let first = results.count
            do {
                try checkLimits(batches[first])
                let need = Self.spaceNeeded(batches[first])
                if !writer.hasRoom(for: need) { try rotate(atLeast: need) }
                let outcomes = try commitGroup(batches[first...])
                results.append(contentsOf: outcomes.map { .success($0) })
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }

    /// Commits as many batches as fit the open log file, at least the first.
    private func commitGroup(_ batches: ArraySlice<Batch>) throws(StoreError) -> [CommitCounts] {
        var group = CommitGroup()
        do {
            for batch in batches {
                if !group.outcomes.isEmpty, !writer.hasRoom(for: Self.spaceNeeded(batch)) || Self.limitError(batch) != nil { break }
                try group.add(batch, to: &tables, writer: &writer, waiting: waiting)
            }
            try storing { () throws(FileError) in try writer.write() }
        } catch {
            // Nothing was promised: the index goes back, and the next try overwrites what may be in the file.
            group.takeBack(from: &tables)
            writer.discard()
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
        let reason =
            "\(error). What the disk holds is now uncertain, so nothing more is acknowledged; check the disk, then restart kasparro, which reads everything back"
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
        writer = try Self.makeLogFile(
            number: old.number + 1,
            firstLSN: old.nextLSN,
            atLeast: bytes,
            manifest: &manifest,
            directory: directory,
            options: options
        )
        tables.lines.files.append(writer.file)
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

    private func checkLimits(_ batch: Batch) throws(StoreError) {
        if let error = Self.limitError(batch) { throw error }
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
        writer.endRecord(.noop, commit: true)
        do throws(FileError) {
            try writer.write()
            writer.accept()
        } catch {
            writer.discard()
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
        try CleanMarker.write(in: directory, storeID: manifest.storeID, lastLSN: writer.nextLSN - 1)
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
        let bytes = tables.lines.files.reduce(0) { $0 + ((try? $1.status().size) ?? 0) }
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
