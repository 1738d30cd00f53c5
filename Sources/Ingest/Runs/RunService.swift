import Glibc
import Logging
import MarketData
import Synchronization
package import TickerStore
import Transfer

/// Starts runs, one at a time, and knows what they did.
package final class RunService: Sendable {
    private let store: Store
    private let definitions: [SourceDefinition]
    private let environment: IngestEnvironment
    private let memory: FileMemory
    private let limiters: [String: RateLimiter]
    private let state: Mutex<State>

    private struct State {
        /// Finished runs, oldest first.
        var finished: [RunRecord]
        var current: ActiveRun?
        var nextSequence: Int
        var isDraining = false
        var duplicatesPrevented: Int
    }

    /// Reads the runs that the store remembers; one that was going on when the process died is closed as `failed`.
    ///
    /// - Throws: when that cannot be written.
    package init(store: Store, sources: [SourceDefinition], environment: IngestEnvironment) throws(StoreError) {
        self.store = store
        definitions = sources
        self.environment = environment
        memory = FileMemory(store.openingState)
        var limiters: [String: RateLimiter] = [:]
        for definition in sources {
            guard case .http(let source) = definition.kind else { continue }
            limiters[definition.name] = RateLimiter(name: definition.name, quota: source.quotaPerMinute, store: store, environment: environment)
        }
        self.limiters = limiters
        var runs = RunState.fold(store.openingState)
        for index in runs.indices where runs[index].status == .running {
            runs[index].closeKilled(at: Timestamp(milliseconds: environment.now().wall))
            let change = RunState.end(runs[index])
            var batch = Batch(origin: BatchOrigin(runID: runs[index].runID, number: 0, source: "", fetchedAt: runs[index].completedAt!))
            batch.state = { _ in [change] }
            _ = try store.commit(batch)
            environment.logger.warning("run \(runs[index].runID) was killed before its end", metadata: ["batches": "\(runs[index].batches.count)"])
        }
        state = Mutex(
            State(
                finished: runs,
                current: nil,
                nextSequence: (runs.last?.sequence ?? 0) + 1,
                duplicatesPrevented: runs.reduce(0) { $0 + $1.skipped }
            )
        )
    }

    /// Starts a run, or joins the one that goes on. Blocks for the commit of its start record.
    ///
    /// - Parameters:
    ///   - trigger: `manual`, `start` or `cli`; for the record.
    ///   - source: one source's name; nil for all.
    package func refresh(trigger: String, source: String?) throws(RefreshError) -> RefreshTicket {
        if let source, !definitions.contains(where: { $0.name == source }) {
            throw .unknownSource(source, known: definitions.map(\.name))
        }
        return try refresh(trigger: trigger, sources: definitions.filter { source == nil || $0.name == source }, label: source ?? "all")
    }

    private func refresh(trigger: String, sources: [SourceDefinition], label: String) throws(RefreshError) -> RefreshTicket {
        enum Decision { case draining, join(ActiveRun), wait, start(ActiveRun) }
        let counts = store.snapshot().counts
        let decision: Decision = state.withLock { state in
            if state.isDraining { return .draining }
            if let current = state.current { return current.join(sources) ? .join(current) : .wait }
            let now = environment.now().wall
            var record = RunRecord(
                sequence: state.nextSequence,
                runID: runID(at: Timestamp(milliseconds: now)),
                trigger: trigger,
                source: label,
                sources: sources.map(\.name),
                startedAt: Timestamp(milliseconds: now),
                preRunCounts: RunCounts(raw: counts.rawRecords, normalized: counts.rows)
            )
            record.resumeFrom = Self.resumePoint(for: sources, after: state.finished)
            let run = ActiveRun(record: record, sources: sources, store: store, environment: environment)
            state.current = run
            state.nextSequence += 1
            return .start(run)
        }
        switch decision {
        case .draining: throw .draining
        case .join(let run): return RefreshTicket(runID: run.runID, alreadyRunning: true, preRunCounts: run.record.preRunCounts)
        case .wait:
            // It is storing its end, which takes as long as one sync.
            usleep(1_000)
            return try refresh(trigger: trigger, sources: sources, label: label)
        case .start(let run):
            try begin(run)
            return RefreshTicket(runID: run.runID, alreadyRunning: false, preRunCounts: run.record.preRunCounts)
        }
    }

    /// Where a run over these sources goes on: behind the last run over one of their files, when that was killed or stopped.
    private static func resumePoint(for sources: [SourceDefinition], after finished: [RunRecord]) -> RunRecord.ResumePoint? {
        let fileSources = sources.filter { if case .csv = $0.kind { true } else { false } }.map(\.name)
        guard let last = finished.last(where: { !Set($0.sources).isDisjoint(with: fileSources) }), last.wasInterrupted else { return nil }
        let source = fileSources.contains(last.unfinishedSource) ? last.unfinishedSource : fileSources[0]
        return RunRecord.ResumePoint(
            batch: last.nextBatchNumber,
            runID: last.runID,
            source: source,
            sources: fileSources.filter(last.sources.contains)
        )
    }

    /// Makes the run's record durable, then lets it go.
    private func begin(_ run: ActiveRun) throws(RefreshError) {
        var start = Batch(origin: BatchOrigin(runID: run.runID, number: 0, source: "", fetchedAt: run.record.startedAt))
        let change = RunState.start(run.record)
        start.state = { _ in [change] }
        do throws(StoreError) {
            _ = try store.commit(start)
        } catch {
            state.withLock { $0.current = nil }
            throw .storeUnavailable(error.message)
        }
        environment.logger.info("run started", metadata: ["run_id": "\(run.runID)", "sources": "\(run.record.sources.joined(separator: ","))"])
        let execution = RunExecution(run: run, memory: memory, limiters: limiters)
        startThread { [self] in
            let record = execution.execute()
            environment.logger.info(
                "run ended",
                metadata: [
                    "run_id": "\(record.runID)", "status": "\(record.status.rawValue)", "inserted": "\(record.inserted)",
                    "updated": "\(record.updated)",
                    "skipped": "\(record.skipped)", "quarantined": "\(record.quarantined)", "milliseconds": "\(record.durationMilliseconds ?? 0)",
                ]
            )
            state.withLock { state in
                state.finished.append(record)
                state.duplicatesPrevented += record.skipped
                state.current = nil
            }
        }
    }

    /// The run at start: every source whose last attempt is older than the interval, so that a crash loop spends no quota.
    package func refreshAtStart(intervalMilliseconds: Int64) throws(RefreshError) -> RefreshTicket? {
        let now = environment.now().wall
        let recent = state.withLock { state in
            Set(state.finished.filter { (0..<intervalMilliseconds).contains(now - $0.startedAt.milliseconds) }.flatMap(\.sources))
        }
        let due = definitions.filter { definition in
            // Files cost nobody anything, and unchanged ones are not opened.
            if case .csv = definition.kind { return true }
            return !recent.contains(definition.name)
        }
        if due.isEmpty { return nil }
        return try refresh(trigger: "start", sources: due, label: due.count == definitions.count ? "all" : due.map(\.name).joined(separator: ","))
    }

    /// No new runs; the one that goes on is interrupted at once. Returns when it has stored its end, at the latest after `seconds`.
    package func drain(atMost seconds: Int) async {
        let current = state.withLock { state in
            state.isDraining = true
            return state.current
        }
        current?.cancellation.cancel()
        guard let current else { return }
        _ = await wait(for: current.runID, atMost: seconds)
    }

    private func runID(at time: Timestamp) -> String {
        // 2024-12-15T14:30:22Z → 20241215_143022
        let digits = time.description.prefix(19).filter(\.isNumber)
        return "etl_\(digits.prefix(8))_\(digits.dropFirst(8))_\(environment.randomSuffix())"
    }
}

// MARK: - What runs did

extension RunService {
    /// Waits until a run has ended; gives the status it has then.
    package func wait(for runID: String, atMost seconds: Int) async -> String {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            guard let record = run(id: runID) else { return "unknown" }
            let isCurrent = state.withLock { $0.current?.runID == runID }
            if !isCurrent || ContinuousClock.now >= deadline { return record.status.rawValue }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    package var latestRunID: String? { state.withLock { $0.current?.runID ?? $0.finished.last?.runID } }

    package func run(id: String) -> RunRecord? {
        state.withLock { state in
            if let current = state.current, current.runID == id { return current.record }
            return state.finished.last { $0.runID == id }
        }
    }

    /// Runs, newest first.
    ///
    /// - Parameter sequence: only runs before this one.
    package func list(limit: Int, before sequence: Int?, status: String?, source: String?) -> (runs: [RunRecord], next: Int?) {
        var all = state.withLock { $0.finished + ($0.current.map { [$0.record] } ?? []) }
        all.removeAll { run in
            if let sequence, run.sequence >= sequence { return true }
            if let status, run.status.rawValue != status { return true }
            if let source, !run.sources.contains(source) { return true }
            return false
        }
        let page = Array(all.suffix(limit).reversed())
        return (page, all.count > limit ? page.last?.sequence : nil)
    }

    package func statistics() -> RunStatistics {
        state.withLock { state in
            let recent = state.finished.suffix(20)
            let last = state.finished.last
            let durations = recent.compactMap(\.durationMilliseconds)
            return RunStatistics(
                healthStatus: last?.status.rawValue ?? "none",
                healthErrors: last?.errors.count ?? 0,
                latencyAverageMilliseconds: durations.isEmpty ? nil : Int(durations.reduce(0, +)) / durations.count,
                failedBatches: recent.reduce(0) { $0 + $1.failedBatches.count },
                batches: recent.reduce(0) { $0 + $1.batches.count + $1.failedBatches.count },
                lastSuccessfulRunID: state.finished.last { $0.status == .success }?.runID,
                lastRunNewRecords: last?.inserted ?? 0,
                lastRunSkipped: last?.skipped ?? 0,
                totalDuplicatePrevention: state.duplicatesPrevented,
                runInProgress: state.current?.runID
            )
        }
    }

    package func sources() -> [SourceStatus] {
        definitions.map { definition in
            let limiter = limiters[definition.name]
            let detail =
                switch definition.kind {
                case .csv(let source): source.inbox + "/*.csv"
                case .http(let source): redacted(url: source.url)
                }
            return SourceStatus(
                name: definition.name,
                kind: definition.kindName,
                quotaPerMinute: limiter?.quota,
                tokensRemaining: limiter?.available,
                detail: detail
            )
        }
    }
}
