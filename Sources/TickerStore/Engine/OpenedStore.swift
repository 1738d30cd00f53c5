import MarketData

/// Everything that a data directory holds, read back without changing anything that somebody wrote.
struct OpenedStore {
    var tables: RowTables
    var others: [FamilySlot] = []
    var counts = StoreCounts()
    var state: [String: [UInt8]]
    /// See `StoreStatistics`.
    var lastRowsLSN: UInt64
    var clock: RetentionClock
    /// Where the log ends; nil: there is none yet.
    var end: LogRecovery.End?
    /// Where the log ended at the last stop, if that was an orderly one.
    let cleanLSN: UInt64?
    /// Sentences about what was found and done.
    var notes: [String] = []

    var wasClean: Bool { end.map { cleanLSN == $0.nextLSN - 1 } ?? true }

    /// - Parameter rebuildsIndexes: Whether a damaged index is made anew from the segment's lines; else it is refused.
    init(_ manifest: Manifest, directory: DataDirectory, options: StoreOptions, rebuildsIndexes: Bool) throws(StoreError) {
        cleanLSN = CleanMarker.read(from: directory, storeID: manifest.storeID)
        let kept = try directory.readState(manifest.state)
        state = kept.state
        // Where nobody has written it down, it may have been any record before the log's.
        lastRowsLSN = kept.lastRowsLSN ?? manifest.firstLSN - 1
        clock = kept.clock ?? RetentionClock(believed: manifest.newestRecord)
        tables = RowTables(cache: BlockCache(capacity: options.blockCacheBytes))
        var progress = Progress(options)
        for (index, info) in manifest.segments.enumerated() {
            let segment = try open(info, manifest, directory, rebuildsIndexes)
            if info.family == .tickers {
                tables.add(segment, info: info, dead: try directory.readDeadRows(of: info))
                for (source, rows) in info.live { counts.add(rows: rows, source: Array(source.utf8)) }
            } else {
                others.append(FamilySlot(segment: segment, info: info, dead: try directory.readDeadRows(of: info)))
                counts.add(others[others.count - 1].liveRows, of: info.family)
            }
            progress.tell { "opening segment \(index + 1) of \(manifest.segments.count)" }
        }
        if !manifest.logFiles.isEmpty { try replay(manifest, directory: directory, progress: &progress) }
    }

    private mutating func open(
        _ info: SegmentInfo,
        _ manifest: Manifest,
        _ directory: DataDirectory,
        _ rebuildsIndexes: Bool
    ) throws(StoreError) -> Segment {
        let path = directory.path(of: info.family)
        do {
            return try Segment(info, directory: path, storeID: manifest.storeID, fileSystem: directory.fileSystem)
        } catch {
            guard error.isIndexDamage, rebuildsIndexes else { throw error.error }
            // Everything in an index can be read off the lines.
            let rebuilt = try SegmentIndexRebuild.run(
                family: info.family,
                id: info.id,
                storeID: manifest.storeID,
                directory: path,
                fileSystem: directory.fileSystem,
                expected: info
            )
            notes.append("\(error.error.message) It was made anew from the lines (\(rebuilt.rows) rows).")
            do {
                return try Segment(info, directory: path, storeID: manifest.storeID, fileSystem: directory.fileSystem)
            } catch {
                throw error.error
            }
        }
    }

    private mutating func replay(_ manifest: Manifest, directory: DataDirectory, progress: inout Progress) throws(StoreError) {
        var replay = Replay(over: tables, others: others, counts: counts, state: state, lastRowsLSN: lastRowsLSN)
        // Two references to the tables would copy them with the first row.
        tables = RowTables(cache: tables.cache)
        others = []
        let recovery = LogRecovery(fileSystem: directory.fileSystem, storeID: manifest.storeID)
        var rows = 0
        end = try recovery.replay(
            manifest.logFiles.map { directory.walPath + "/" + $0 },
            firstLSN: manifest.firstLSN,
            durableLSN: manifest.durableLSN,
            cleanLSN: cleanLSN,
            opened: { file, path, firstLSN in replay.begin(file, path: path, firstLSN: firstLSN) },
            visit: { batch, path throws(StoreError) in
                try replay.apply(batch, path: path)
                rows = replay.tables.open.rows
                progress.tell { "replaying \(path): \(rows) rows so far" }
            }
        )
        replay.finishPart()
        (tables, others, counts, state) = (replay.tables, replay.others, replay.counts, replay.state)
        lastRowsLSN = replay.lastRowsLSN
    }
}

/// Says each second how far a long work is.
private struct Progress {
    private let options: StoreOptions
    private var last: Int64

    init(_ options: StoreOptions) {
        self.options = options
        last = options.monotonic()
    }

    mutating func tell(_ sentence: () -> String) {
        let now = options.monotonic()
        guard now - last >= 1_000 else { return }
        last = now
        options.progress(sentence())
    }
}
