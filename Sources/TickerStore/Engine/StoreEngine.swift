import MarketData

/// The storage engine: synchronous, used by one thread at a time. `Store` is its door for everyone else.
///
/// `commit(batches) → log records → one fdatasync → memory group → published snapshot`, and beside that
/// `nextJob() → run on another thread → finish(job) → manifest`.
final class StoreEngine {
    let directory: DataDirectory
    var options: StoreOptions
    /// Held until `close`, or for life.
    var lock: DirectoryLock?
    var manifest: Manifest
    var writer: LogWriter
    var tables: RowTables
    /// Segments of the other families.
    var others: [FamilySlot]
    var counts: StoreCounts
    var state: [String: [UInt8]]
    /// See `StoreStatistics`.
    var lastRowsLSN: UInt64
    var clock: RetentionClock
    var poisoned: String?
    /// Why nothing is taken for the time being.
    var readOnly: String?
    var lastSpaceCheck: Int64 = .min
    var freeBytes = 0
    /// Bytes that must stay free, when the disk was last asked.
    var requiredFreeBytes = 0
    var maintenance = MaintenanceState()
    /// What `options.committed` has not been told yet.
    var committed: [CommittedRows] = []
    /// For the job that is running; anew when it has been raised and work goes on.
    var cancellation: MaintenanceCancellation
    /// Sentences about what opening found and did, for the log.
    let openingNotes: [String]
    /// Whether the process before this one stopped in an orderly way, or there was none.
    let wasStoppedCleanly: Bool

    /// Opens a data directory, or makes one.
    init(path: String, fileSystem: any FileSystem, options: StoreOptions) throws(StoreError) {
        self.options = options
        cancellation = options.cancellation
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
        try Self.refuseTooFewFiles(manifest, options)
        // Nothing is changed before everything was read: a start that refuses leaves the directory as it found it.
        try directory.refuseUnlistedRecords(manifest)
        var opened = try OpenedStore(manifest, directory: directory, options: options, rebuildsIndexes: true)
        var notes = opened.notes
        try directory.settle()
        try CleanMarker.remove(from: directory)
        notes += try directory.setUnlistedAside(manifest)
        if let end = opened.end {
            writer = try Self.reopen(end, number: opened.tables.open.number, directory: directory, options: options, notes: &notes)
            if !opened.wasClean { notes.append("the last stop was not clean; replayed the log up to record \(end.nextLSN - 1)") }
        } else {
            let first = manifest.firstLSN
            writer = try Self.makeLogFile(number: 0, firstLSN: first, atLeast: 0, manifest: &manifest, directory: directory, options: options)
            opened.tables.add(writer)
        }
        (tables, others, counts, state) = (opened.tables, opened.others, opened.counts, opened.state)
        lastRowsLSN = opened.lastRowsLSN
        clock = opened.clock
        openingNotes = notes
        wasStoppedCleanly = opened.wasClean
        for index in tables.generations.indices.dropLast() {
            let file = tables.generations[index].file
            tables.generations[index].closedLength = try storing { () throws(FileError) in try file.status().size }
        }
        // After a stop that was not clean the log is written anew, as segments, before its files are dropped: what was read may
        // have been in the cache only.
        if !opened.wasClean, tables.open.isWorthSealing { maintenance.isSealWanted = true }
        checkSpace()
    }

    /// Files of the log, the network and the sources, beside those of the segments.
    private static let otherOpenFiles = 64

    private static func refuseTooFewFiles(_ manifest: Manifest, _ options: StoreOptions) throws(StoreError) {
        let needed = manifest.segments.count + otherOpenFiles
        guard needed > options.maximumOpenFiles else { return }
        throw StoreError(
            .inputOutput,
            "\(manifest.segments.count) segments need \(needed) open files, and this process may open \(options.maximumOpenFiles); "
                + "raise the limit (ulimit -n, or LimitNOFILE= of the service) and start again"
        )
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
        let free = try storing { () throws(FileError) in try directory.fileSystem.space(directory.path).free }
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

    /// What readers see from now on.
    func snapshot() -> Snapshot {
        Snapshot(tables, others, counts)
    }

    /// The live state whose keys begin with `prefix`, by key.
    func state(prefix: String) -> [(key: String, value: [UInt8])] {
        state.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func poison(_ error: FileError) -> StoreError {
        poison(because: error.description)
    }

    func poison(because what: String) -> StoreError {
        let reason =
            "\(what). What the disk holds is now uncertain, so nothing more is acknowledged; check the disk, then restart kasparro, which reads everything back"
        poisoned = reason
        return StoreError(.poisoned, reason)
    }

    /// Makes sure that nobody else can be writing here, before files are made or replaced under their names.
    ///
    /// - Throws: `.poisoned`, and the store is.
    func confirmLock() throws(StoreError) {
        do throws(StoreError) {
            try lock?.confirm()
        } catch {
            if error.kind == .poisoned, poisoned == nil { poisoned = error.message }
            throw error
        }
    }

    /// An orderly stop: everything on disk, then the CLEAN marker.
    func close() throws(StoreError) {
        if let poisoned { throw StoreError(.poisoned, poisoned) }
        try confirmLock()
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
        lock?.release()
        lock = nil
    }
}

extension RowTables {
    /// The generation of a new log file.
    mutating func add(_ writer: LogWriter) {
        generations.append(Generation(number: writer.number, file: writer.file, path: writer.path, firstLSN: writer.header.firstLSN))
        lines.files[writer.number] = writer.file
    }
}
