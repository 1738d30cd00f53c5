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
    /// No job before this, in milliseconds since 1970: the last one failed.
    var retryAt: Int64 = .min
    /// Why the last job failed; nil after a success.
    var failure: String?
    var jobsDone = 0
}

extension StoreEngine {
    /// How long a failed job is left alone.
    private static let retryMilliseconds: Int64 = 30_000

    /// The next work that is due, if there is any and none is running. `finish` or `fail` must follow.
    ///
    /// - Parameters:
    ///   - ignoresRetry: Whether a failure a moment ago does not matter: somebody asked.
    ///   - sealOnly: Nothing but sealing.
    func nextJob(ignoresRetry: Bool = false, sealOnly: Bool = false) -> (any MaintenanceJob)? {
        guard poisoned == nil, !maintenance.isRunning, ignoresRetry || options.now() >= maintenance.retryAt else { return nil }
        let job: (any MaintenanceJob)?
        do throws(StoreError) {
            if let seal = try sealJob() {
                job = seal
            } else if !sealOnly, let retention = retentionJob() {
                job = retention
            } else {
                job = sealOnly ? nil : try compactionJob()
            }
        } catch {
            noteFailure(error)
            return nil
        }
        guard let job else { return nil }
        maintenance.isRunning = true
        tables.carried = job.carriedDeaths
        return job
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
            if !logs.isEmpty, !isForced, rows + generation.rows > 2 * options.sealRows { break }
            rows += generation.rows
            logs.append(
                SealJob.Log(
                    number: generation.number,
                    file: generation.file,
                    path: generation.path,
                    length: generation.closedLength!,
                    groups: generation.groups.views
                )
            )
        }
        if logs.isEmpty { return nil }
        let deaths = tables.slots.filter { $0.deadRows != $0.info.deadRows }.map { slot in
            SealJob.NewDeaths(info: slot.info, words: tables.deadWords(of: slot), live: slot.live, count: slot.deadRows)
        }
        return SealJob(
            context: jobContext(),
            logs: logs,
            series: tables.series,
            deaths: deaths,
            state: state,
            lastLSN: tables.generations[logs.count].firstLSN - 1
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
            let chosen =
                maintenance.isCompactionWanted
                ? options.compaction.chooseAll(candidates, maximumRows: options.maximumSegmentRows) : options.compaction.choose(candidates)
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
        if family != .tickers { return others.filter { $0.info.family == family }.map { CompactionPolicy.Candidate($0.info, deadRows: 0) } }
        return tables.slots.map { CompactionPolicy.Candidate($0.info, deadRows: $0.deadRows) }
    }

    private func inputs(_ ids: [UInt64], of family: Family) -> [CompactionJob.Input] {
        if family != .tickers {
            return others.filter { ids.contains($0.info.id) }.map { CompactionJob.Input(segment: $0.segment, info: $0.info, dead: []) }
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
        return options.retention.keep(family).map { options.now() - $0 }
    }

    /// A merger needs room for its result beside what it reads.
    private func refuseWithoutSpace(for inputs: [SegmentInfo]) throws(StoreError) {
        let bytes = inputs.reduce(0) { $0 + $1.bytes + $1.indexBytes }
        let free = try storing { () throws(FileError) in try directory.fileSystem.space(directory.path).free }
        guard free > bytes * 6 / 5 + minimumFree(total: 0) else {
            throw StoreError(.noSpace, "merging segments needs \(bytes * 6 / 5) bytes beside those in use; the disk has \(free)")
        }
    }

    private func jobContext() -> JobContext {
        JobContext(
            directory: directory,
            storeID: manifest.storeID,
            generation: manifest.generation + 1,
            firstSegment: manifest.nextSegment,
            maximumSegmentRows: options.maximumSegmentRows,
            maximumGroupRows: options.maximumGroupRows
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
            try directory.write(next)
        } catch {
            // The manifest on the disk may list the new files all the same.
            if error.kind == .poisoned { throw poison(because: error.message) }
            for segment in result.added { segment.removeFilesWhenUnused() }
            // Whoever releases these late must not remove files of the next try.
            manifest.nextSegment = next.nextSegment
            throw error
        }
        let old = manifest
        manifest = next
        // (S5) What readers see.
        try show(result)
        maintenance.isRunning = false
        maintenance.failure = nil
        maintenance.jobsDone += 1
        return obsoleteFiles(old, result)
    }

    private func show(_ result: JobResult) throws(StoreError) {
        if let sealed = result.sealedThrough {
            for generation in tables.generations where generation.firstLSN <= sealed { tables.lines.files[generation.number] = nil }
            tables.generations.removeAll { $0.firstLSN <= sealed }
            tables.lines.forgetWindow()
        }
        for info in result.updated { tables.update(info) }
        for slot in tables.slots where result.removed.contains(slot.info.id) {
            for (source, rows) in slot.live { counts.add(rows: -rows, source: Array(source.utf8)) }
            slot.segment.removeFilesWhenUnused(deadFile: slot.info.dead?.file)
        }
        for slot in others where result.removed.contains(slot.info.id) {
            count(-slot.info.rows, of: slot.info.family)
            slot.segment.removeFilesWhenUnused()
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
                if !isSealing { count(segment.info.rows, of: segment.family) }
            }
        }
        let ids = Set(result.added.map(\.id))
        for key in carried?.keys ?? [] { try tables.markDead(in: ids, series: key.series, timestamp: key.timestamp) }
        // What is sealed was counted when it was committed.
        if isSealing { return }
        for slot in tables.slots where ids.contains(slot.info.id) {
            for (source, rows) in slot.live { counts.add(rows: rows, source: Array(source.utf8)) }
        }
    }

    private func count(_ rows: Int, of family: Family) {
        if family == .raw { counts.rawRecords += rows }
        if family == .quarantine { counts.quarantined += rows }
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
        tables.carried = nil
        noteFailure(error)
        if error.kind == .poisoned, poisoned == nil { _ = poison(because: error.message) }
    }

    private func noteFailure(_ error: StoreError) {
        options.warning("sealing or merging failed and will be tried again: \(error.message)")
        maintenance.failure = error.message
        maintenance.retryAt = options.now() + Self.retryMilliseconds
    }

    /// Whether segments hold all that the log held up to this record.
    func isSealed(through lsn: UInt64) -> Bool {
        !tables.generations.contains { $0.isWorthSealing && $0.firstLSN <= lsn } && tables.generations.dropLast().allSatisfy { $0.firstLSN > lsn }
    }

    /// Live rows of the newest manifest.
    var sealedRows: Int { infos(of: .tickers).reduce(0) { $0 + $1.live.values.reduce(0, +) } }

    /// Why commits are refused while sealing fails again and again: the log must not fill the disk.
    var backlog: String? {
        guard tables.generations.count > 4 * options.maximumClosedLogs else { return nil }
        return "\(tables.generations.count) log files wait to be sealed, and that fails: \(maintenance.failure ?? "no reason known")"
    }

    /// Whether commits must wait for sealing to catch up.
    var isOverloaded: Bool { tables.generations.count > options.maximumClosedLogs && maintenance.failure == nil && poisoned == nil }
}

extension RowTables {
    /// Marks the live row of a key in one of these segments as superseded, if there is one.
    mutating func markDead(in ids: Set<UInt64>, series number: UInt32, timestamp: Int64) throws(StoreError) {
        for slot in slots where ids.contains(slot.info.id) {
            for index in slot.groups {
                try sealed[index].group.check()
                guard let row = sealed[index].liveRow(series: number, timestamp: timestamp, rank: series.rank) else { continue }
                markDead(.sealed(group: index, row: row), series: number, timestamp: timestamp)
                return
            }
        }
    }
}
