/// What the engine knows about work beside the commits.
struct MaintenanceState {
    /// One job at a time.
    var isRunning = false
    /// Everything so far shall be sealed as soon as it can be.
    var isSealWanted = false
    /// The same, even if the log holds nothing but changes of the state.
    var isSealForced = false
    /// Segments shall be merged as far as they can be.
    var isCompactionWanted = false
    /// What became of the last seal, and of the last merger or expiry.
    var sealing = Attempt()
    var merging = Attempt()
    /// Ids from here on are what a merger that was asked for has made; they are not merged again for it.
    var compactionLimit: UInt64 = .max
    /// The manifest and the time at which nothing was found to merge.
    var idleChoice: (generation: Int, at: Int64)?

    /// How a kind of work fares.
    struct Attempt {
        /// Nothing before this, on the monotonic clock: the last one failed.
        var retryAt: Int64 = .min
        /// Why; nil after a success.
        var failure: String?
        var failuresInARow = 0
    }

    /// Why sealing or merging failed the last time; nil in health.
    var failure: String? { sealing.failure ?? merging.failure }
    var jobsDone = 0
    /// Dead lines that mergers and expiry have left out, of rows and of the other families.
    var deadRowsDropped = 0
    var deadRecordsDropped = 0
}

extension StoreEngine {
    /// How long a failed job is left alone; twice as long after each further failure.
    private static let retryMilliseconds: Int64 = 30_000
    private static let longestRetryMilliseconds: Int64 = 3_600_000
    /// How often it is looked for something to merge while nothing is sealed.
    private static let choiceMilliseconds: Int64 = 1_000

    /// The next work that is due, if there is any and none is running. `finish` or `fail` must follow.
    ///
    /// - Parameters:
    ///   - ignoresRetry: Whether a failure a moment ago does not matter: somebody asked.
    ///   - sealOnly: Nothing but sealing.
    func nextJob(ignoresRetry: Bool = false, sealOnly: Bool = false) -> (any MaintenanceJob)? {
        // A job that is ended before it begins would be begun again and again until the store is closed.
        guard poisoned == nil, !maintenance.isRunning, !cancellation.isRaised else { return nil }
        let now = options.monotonic()
        var job: (any MaintenanceJob)?
        do throws(StoreError) {
            if ignoresRetry || now >= maintenance.sealing.retryAt { job = try sealJob() }
        } catch {
            note(error, isSeal: true)
            return nil
        }
        if job == nil, !sealOnly, ignoresRetry || now >= maintenance.merging.retryAt { job = mergingJob(now) }
        guard let job else { return nil }
        maintenance.isRunning = true
        tables.carried = job.carriedDeaths
        return job
    }

    /// Something to drop or to merge. Looking for it takes a while with many segments, so it is not done for every commit.
    private func mergingJob(_ now: Int64) -> (any MaintenanceJob)? {
        if !maintenance.isCompactionWanted, let last = maintenance.idleChoice, last.generation == manifest.generation,
            now - last.at < Self.choiceMilliseconds
        {
            return nil
        }
        do throws(StoreError) {
            if let job = retentionJob() {
                options.progress(job.purpose + ", older than they are to be kept")
                return job
            }
            if let job = try compactionJob() { return job }
        } catch {
            note(error, isSeal: false)
            return nil
        }
        maintenance.idleChoice = (manifest.generation, now)
        return nil
    }

    /// Asks that segments be merged as far as they can be. What a merger makes from here on is not merged again for it, so that it ends.
    func wantCompaction() {
        maintenance.isCompactionWanted = true
        maintenance.compactionLimit = manifest.nextSegment
    }

    // MARK: Choosing

    private func sealJob() throws(StoreError) -> SealJob? {
        let isDue = tables.open.rows >= options.sealRows || maintenance.isSealWanted
        // (S1) From here on the files to be sealed do not change any more.
        let isForced = maintenance.isSealForced
        if (isDue && tables.open.isWorthSealing) || (isForced && !writer.isEmpty) { try rotate(atLeast: 0) }
        maintenance.isSealWanted = false
        maintenance.isSealForced = false
        var logs: [SealJob.Log] = []
        var rows = 0
        for generation in tables.generations.dropLast() {
            // A copy is made of what one seal leaves: a second one would list rows as dead for the sake of others that came after it was asked for.
            if !logs.isEmpty, !isForced, (rows + generation.rows) / 2 > options.sealRows { break }
            rows += generation.rows
            logs.append(
                SealJob.Log(
                    number: generation.number,
                    file: generation.file,
                    path: generation.path,
                    length: generation.closedLength!,
                    groups: generation.groups.views,
                    removed: generation.waiting.removedOffsets
                )
            )
        }
        if logs.isEmpty { return nil }
        var deaths = tables.slots.filter { $0.deadRows != $0.info.deadRows }.map { slot in
            SealJob.NewDeaths(info: slot.info, words: tables.deadWords(of: slot), live: slot.live, count: slot.deadRows)
        }
        deaths += others.filter { $0.deadRows != $0.info.deadRows }.map { slot in
            SealJob.NewDeaths(info: slot.info, words: slot.deadWords, live: slot.live, count: slot.deadRows)
        }
        _ = retentionTime()
        return SealJob(
            context: jobContext(),
            logs: logs,
            series: tables.series,
            deaths: deaths,
            state: state,
            lastLSN: tables.generations[logs.count].firstLSN - 1,
            lastRowsLSN: lastRowsLSN,
            clock: clock
        )
    }

    private func retentionJob() -> RetentionJob? {
        for family in Family.allCases {
            guard let cut = oldestKept(family) else { continue }
            let expired = infos(of: family).filter { (family == .tickers ? $0.latest : $0.recorded.upperBound) < cut }
            if !expired.isEmpty { return RetentionJob(family: family, expired: Set(expired.map(\.id))) }
        }
        return nil
    }

    private func compactionJob() throws(StoreError) -> CompactionJob? {
        for family in Family.allCases {
            let candidates = candidates(of: family)
            var chosen: [UInt64] = []
            if maintenance.isCompactionWanted {
                let old = candidates.filter { $0.id < maintenance.compactionLimit }
                chosen = options.compaction.chooseAll(old, maximumRows: options.maximumSegmentRows)
            }
            if chosen.isEmpty { chosen = options.compaction.choose(candidates) }
            if chosen.isEmpty { continue }
            try refuseWithoutSpace(for: infos(of: family).filter { chosen.contains($0.id) })
            return CompactionJob(
                context: jobContext(),
                family: family,
                inputs: inputs(chosen, of: family),
                oldest: oldestKept(family, rows: true) ?? .min
            )
        }
        maintenance.isCompactionWanted = false
        return nil
    }

    private func candidates(of family: Family) -> [CompactionPolicy.Candidate] {
        if family != .tickers { return others.filter { $0.info.family == family }.map { CompactionPolicy.Candidate($0.info, deadRows: $0.deadRows) } }
        return tables.slots.map { CompactionPolicy.Candidate($0.info, deadRows: $0.deadRows) }
    }

    private func inputs(_ ids: [UInt64], of family: Family) -> [CompactionJob.Input] {
        if family != .tickers {
            return others.filter { ids.contains($0.info.id) }.map { CompactionJob.Input(segment: $0.segment, info: $0.info, dead: $0.deadWords) }
        }
        return tables.slots.filter { ids.contains($0.info.id) }.map { slot in
            CompactionJob.Input(segment: slot.segment, info: slot.info, dead: slot.deadRows == 0 ? [] : tables.deadWords(of: slot))
        }
    }

    private func infos(of family: Family) -> [SegmentInfo] { manifest.segments.filter { $0.family == family } }

    /// Lines before this are not kept.
    ///
    /// - Parameter rows: Only by the rows' own timestamps.
    private func oldestKept(_ family: Family, rows: Bool = false) -> Int64? {
        if rows, family != .tickers { return nil }
        return options.retention.keep(family).map { retentionTime() - $0 }
    }

    /// The time by which things are too old. A doubt about the machine's clock is told once.
    func retentionTime() -> Int64 {
        let now = options.now()
        let wasDoubted = clock.doubtedSince != nil
        let time = clock.time(now)
        if !wasDoubted, clock.doubtedSince != nil, options.retention != Retention(rows: nil, raw: nil, quarantine: nil) {
            options.progress(
                "the machine's clock is \((now - time) / 86_400_000) days ahead of what the store has seen; until it has gone on for a day nothing is "
                    + "dropped for its age"
            )
        }
        return time
    }

    /// A merger needs room for its result beside what it reads.
    private func refuseWithoutSpace(for inputs: [SegmentInfo]) throws(StoreError) {
        let bytes = inputs.reduce(0) { $0 + $1.bytes + $1.indexBytes }
        let space = try storing { () throws(FileError) in try directory.fileSystem.space(directory.path) }
        guard space.free > bytes * 6 / 5 + minimumFree(total: space.total) else {
            throw StoreError(.noSpace, "merging segments needs \(bytes * 6 / 5) bytes beside those in use; the disk has \(space.free)")
        }
    }

    private func jobContext() -> JobContext {
        JobContext(
            directory: directory,
            storeID: manifest.storeID,
            generation: manifest.generation + 1,
            firstSegment: manifest.nextSegment,
            maximumSegmentRows: options.maximumSegmentRows,
            maximumGroupRows: options.maximumGroupRows,
            cancellation: cancellation,
            lock: lock
        )
    }

    // MARK: Publishing

    /// Lists what a job made, and shows it to readers.
    ///
    /// - Returns: Files that are no longer needed; removing them is step S6, and no hurry.
    func finish(_ result: JobResult) throws(StoreError) -> [String] {
        var next = manifest
        next.generation += 1
        next.nextSegment = max(next.nextSegment, result.nextSegment)
        next.durableLSN = writer.durableLSN
        let updated = Dictionary(uniqueKeysWithValues: result.updated.map { ($0.id, $0) })
        next.segments = next.segments.filter { !result.removed.contains($0.id) }.map { updated[$0.id] ?? $0 }
        next.segments += result.added.map(\.info)
        next.segments.sort { ($0.family.rawValue, $0.id) < ($1.family.rawValue, $1.id) }
        if let state = result.state { next.state = state }
        if let sealed = result.sealedThrough {
            next.logFiles.removeAll { LogFormat.firstLSN(ofFileName: $0)! <= sealed }
            next.firstLSN = sealed + 1
        }
        // (S4) The commit point.
        do throws(StoreError) {
            try confirmLock()
            try directory.write(next)
        } catch {
            // The manifest on the disk may list the new files all the same.
            if error.kind == .poisoned { throw poisoned == nil ? poison(because: error.message) : error }
            for segment in result.added { segment.removeFilesWhenUnused() }
            // Whoever releases these late must not remove files of the next try.
            manifest.nextSegment = next.nextSegment
            throw error
        }
        let old = manifest
        manifest = next
        // (S5) What readers see.
        do throws(StoreError) {
            try show(result)
        } catch {
            // What is listed and what is shown would differ from here on.
            throw poison(because: error.message)
        }
        maintenance.isRunning = false
        if result.sealedThrough != nil { maintenance.sealing = .init() } else { maintenance.merging = .init() }
        maintenance.jobsDone += 1
        return obsoleteFiles(old, result)
    }

    private func show(_ result: JobResult) throws(StoreError) {
        if let sealed = result.sealedThrough {
            for generation in tables.generations where generation.firstLSN <= sealed { tables.lines.files[generation.number] = nil }
            tables.generations.removeAll { $0.firstLSN <= sealed }
            tables.lines.forgetWindow()
        }
        for info in result.updated {
            tables.update(info)
            if let index = others.firstIndex(where: { $0.info.id == info.id }) { others[index].info = info }
        }
        for slot in tables.slots where result.removed.contains(slot.info.id) {
            for (source, rows) in slot.live { counts.add(rows: -rows, source: Array(source.utf8)) }
            slot.segment.removeFilesWhenUnused(deadFile: slot.info.dead?.file)
            maintenance.deadRowsDropped += slot.deadRows
        }
        for slot in others where result.removed.contains(slot.info.id) {
            counts.add(-slot.liveRows, of: slot.info.family)
            slot.segment.removeFilesWhenUnused(deadFile: slot.info.dead?.file)
            maintenance.deadRecordsDropped += slot.deadRows
        }
        let isSealing = result.sealedThrough != nil
        tables.remove(result.removed)
        others.removeAll { result.removed.contains($0.info.id) }
        let carried = tables.carried
        tables.carried = nil
        for segment in result.added {
            if segment.family == .tickers {
                tables.add(segment, info: segment.info)
            } else {
                others.append(FamilySlot(segment: segment, info: segment.info))
            }
        }
        let ids = Set(result.added.map(\.id))
        for key in carried?.keys ?? [] {
            guard let found = try tables.findSealed(series: key.series, timestamp: key.timestamp, in: ids) else { continue }
            tables.markDead(.sealed(group: found.group, row: found.row), series: key.series, timestamp: key.timestamp)
        }
        try carry(carried?.ids ?? [], to: ids)
        // What is sealed was counted when it was committed.
        if isSealing { return }
        for slot in tables.slots where ids.contains(slot.info.id) {
            for (source, rows) in slot.live { counts.add(rows: rows, source: Array(source.utf8)) }
            // What died while the job went on is still there, in its result.
            maintenance.deadRowsDropped -= slot.deadRows
        }
        for slot in others where ids.contains(slot.info.id) {
            counts.add(slot.liveRows, of: slot.info.family)
            maintenance.deadRecordsDropped -= slot.deadRows
        }
    }

    /// Takes quarantined records out of new segments that were taken out of what these were made of.
    private func carry(_ removed: [RecordDigest], to segments: Set<UInt64>) throws(StoreError) {
        let places = others.indices.filter { others[$0].info.family == .quarantine && segments.contains(others[$0].info.id) }
        for id in removed {
            for index in places {
                guard let row = others[index].row(ofID: id) else { continue }
                try others[index].check(row)
                others[index].markDead(row)
            }
        }
    }

    private func obsoleteFiles(_ old: Manifest, _ result: JobResult) -> [String] {
        var paths: [String] = []
        if result.sealedThrough != nil {
            paths += old.logFiles.filter { !manifest.logFiles.contains($0) }.map { directory.walPath + "/" + $0 }
        }
        if let state = old.state, result.state != nil { paths.append(directory.statePath + "/" + state.name) }
        for info in old.segments {
            guard let dead = info.dead, result.updated.contains(where: { $0.id == info.id }) else { continue }
            paths.append(directory.path(of: info.family) + "/" + dead.file)
        }
        return paths
    }

    /// A job, or the publishing of its result, failed. Nothing is lost: everything it read is still there and still listed.
    func fail(_ error: StoreError) {
        maintenance.isRunning = false
        let isSeal = tables.carried?.generations.isEmpty == false
        tables.carried = nil
        // Who closes the store knows it.
        if error.kind != .closed { note(error, isSeal: isSeal) }
        if error.kind == .poisoned, poisoned == nil { _ = poison(because: error.message) }
    }

    private func note(_ error: StoreError, isSeal: Bool) {
        options.warning("\(isSeal ? "sealing" : "merging segments") failed and will be tried again: \(error.message)")
        var attempt = isSeal ? maintenance.sealing : maintenance.merging
        attempt.failure = error.message
        // Sealing keeps the log short; merging can wait for long.
        let delay = isSeal ? Self.retryMilliseconds : Self.retryMilliseconds << Int64(min(attempt.failuresInARow, 10))
        attempt.retryAt = options.monotonic() + min(delay, Self.longestRetryMilliseconds)
        attempt.failuresInARow += 1
        if isSeal { maintenance.sealing = attempt } else { maintenance.merging = attempt }
    }

    /// Whether segments hold all that the log held up to this record.
    func isSealed(through lsn: UInt64) -> Bool {
        !tables.generations.contains { $0.isWorthSealing && $0.firstLSN <= lsn } && tables.generations.dropLast().allSatisfy { $0.firstLSN > lsn }
    }

    /// A copy of what is sealed.
    func backupJob(_ target: BackupJob.Target) -> BackupJob {
        BackupJob(target: target, manifest: manifest, rows: sealedRows, directory: directory, cancellation: cancellation)
    }

    /// Live rows of the newest manifest.
    var sealedRows: Int { infos(of: .tickers).reduce(0) { $0 + $1.live.values.reduce(0, +) } }

    /// Why commits are refused while sealing fails again and again: the log must not fill the disk.
    var backlog: String? {
        guard tables.generations.count > 4 * options.maximumClosedLogs else { return nil }
        return "\(tables.generations.count) log files wait to be sealed, and that fails: \(maintenance.sealing.failure ?? "no reason known")"
    }

    /// Whether work beside the commits can wait while many of them come: far from the number of log files at which they would have to wait for it.
    var hasRoomForLogs: Bool { tables.generations.count <= options.maximumClosedLogs * 3 / 4 }

    /// Whether commits must wait for sealing to catch up. They do not wait for what cannot come.
    var isOverloaded: Bool {
        tables.generations.count > options.maximumClosedLogs && maintenance.sealing.failure == nil && poisoned == nil && !cancellation.isRaised
    }
}
