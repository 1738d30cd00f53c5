import CoreMetrics
import Glibc
import Logging
import MarketData
import Synchronization
package import TickerStore
import Transfer

/// Starts runs, one at a time, and knows what they did.
package final class RunService: Sendable {
    let store: Store
    private let setup: Mutex<RunSetup>
    let memory: FileMemory
    let pages: PageMemory
    let schemas: SchemaRegistry
    /// What people say is written down one after the other.
    let sayings = Mutex(())
    let remembered: RememberedPages
    let archive: RunArchive
    let newest: NewestData
    /// Over all runs.
    private let outlierCounters = OutlierCounters()
    let state: Mutex<State>

    struct State {
        var finished: RecentRuns
        /// As in the store.
        var counters: RunCounters
        /// The run that ended last, when that could not be stored: it is stored with the next one's start.
        var unstored: RunRecord?
        /// Earlier runs that could not be moved out of the state yet.
        var recovery: RunRecovery?
        var current: ActiveRun?
        /// All sources as they were when the current run began.
        var currentDefinitions: [SourceDefinition] = []
        var nextSequence: Int
        var isDraining = false
        /// Of the previews that go on.
        var previews: [CancellationFlag] = []
        /// When each source was attempted last in this process, by runs that have ended.
        var attempts: [String: Moment] = [:]
        /// Called behind each run's end.
        var watchers: [@Sendable () -> Void] = []
    }

    /// Reads the newest runs of the store; one that was going on when the process died is closed as `failed`. Blocks.
    ///
    /// - Throws: when that cannot be written.
    package init(store: Store, sources: [SourceDefinition], environment: IngestEnvironment) throws(StoreError) {
        self.store = store
        memory = FileMemory(store.openingState)
        pages = PageMemory(store.openingState)
        schemas = SchemaRegistry(store.openingState)
        remembered = RememberedPages(store.openingState)
        newest = NewestData(store.openingState)
        setup = Mutex(RunSetup(sources: sources, environment: environment, limiters: RunSetup.limiters(of: sources, [:], store, environment)))
        var recovery = RunRecovery(store: store, environment: environment)
        do throws(StoreError) {
            try recovery.perform()
        } catch {
            // A full disk must not keep us from serving what is stored; the next run's start tries again.
            guard error.kind == .readOnly || error.kind == .noSpace else { throw error }
            environment.logger.warning("the ends of \(recovery.leftovers.count) earlier runs cannot be stored yet: \(error)")
        }
        archive = RunArchive(store: store)
        var finished = RecentRuns([], hasOlder: true)
        do throws(StoreError) {
            finished = try archive.newest()
        } catch {
            environment.logger.error("what earlier runs did cannot be read, so none goes on after them: \(error)")
        }
        for leftover in recovery.leftovers { finished.append(leftover.run) }
        let last = max(recovery.counters.lastSequence, finished.runs.last?.sequence ?? 0)
        var counters = recovery.counters
        counters.learn(from: finished.runs)
        state = Mutex(
            State(
                finished: finished,
                counters: counters,
                recovery: recovery.leftovers.isEmpty ? nil : recovery,
                nextSequence: last + 1
            )
        )
    }

    /// The sources as they are for the next run.
    var definitions: [SourceDefinition] { setup.withLock { $0.sources } }
    var limiters: [String: RateLimiter] { setup.withLock { $0.limiters } }
    var environment: IngestEnvironment { setup.withLock { $0.environment } }

    /// Takes other sources into use, from the next run on; quotas count at once. What was spent of them stays spent.
    ///
    /// - Parameters:
    ///   - retainRowsMilliseconds: as in `IngestEnvironment`.
    ///   - secrets: what must not be seen in a record or a log.
    package func use(_ sources: [SourceDefinition], retainRowsMilliseconds: Int64?, secrets: Secrets) {
        setup.withLock { setup in
            setup.sources = sources
            setup.environment.retainRowsMilliseconds = retainRowsMilliseconds
            setup.environment.secrets = secrets
            setup.limiters = RunSetup.limiters(of: sources, setup.limiters, store, setup.environment)
        }
    }

    /// Starts a run, or joins the one that goes on. Blocks for the commit of its start record.
    ///
    /// - Parameters:
    ///   - trigger: `manual`, `cli`, `start` or `schedule`; for the record.
    ///   - source: one source's name; nil for all.
    package func refresh(trigger: String, source: String?) throws(RefreshError) -> RefreshTicket {
        if let source, !definitions.contains(where: { $0.name == source }) {
            throw .unknownSource(source, known: definitions.map(\.name))
        }
        return try refresh(trigger: trigger, sources: definitions.filter { source == nil || $0.name == source }, label: source ?? "all")
    }

    private func refresh(trigger: String, sources: [SourceDefinition], label: String) throws(RefreshError) -> RefreshTicket {
        while true {
            if let ticket = try startOrJoin(trigger: trigger, sources: sources, label: label) { return ticket }
            // The run that goes on is storing its end, which takes as long as one sync.
            usleep(1_000)
        }
    }

    /// nil: a run is just ending, or goes on and is not to be joined; ask again.
    func startOrJoin(trigger: String, sources: [SourceDefinition], label: String, joins: Bool = true) throws(RefreshError) -> RefreshTicket? {
        enum Decision { case draining, join(ActiveRun), wait, busy(String), refuse(String), start(ActiveRun) }
        let counts = store.snapshot().counts
        let decision: Decision = state.withLock { state in
            if state.isDraining { return .draining }
            if let current = state.current {
                // A replay takes long, asks no source for anything, and nobody can join it.
                if joins, current.record.isReplay { return .busy(current.runID) }
                if !joins { return .wait }
                // It goes on with the sources as they were when it began.
                let own = sources.compactMap { wanted in state.currentDefinitions.first { $0.name == wanted.name } }
                if own.count < sources.count { return .busy(current.runID) }
                return current.join(own) ? .join(current) : .wait
            }
            if let problem = clockProblem(state) { return .refuse(problem) }
            return .start(makeRun(trigger: trigger, sources, label: label, counts, &state))
        }
        switch decision {
        case .draining: throw .draining
        case .join(let run): return RefreshTicket(runID: run.runID, alreadyRunning: true, preRunCounts: run.record.preRunCounts)
        case .wait: return nil
        case .busy(let runID): throw .busy(runID: runID)
        case .refuse(let problem): throw .clock(problem)
        case .start(let run):
            try start(run)
            return RefreshTicket(runID: run.runID, alreadyRunning: false, preRunCounts: run.record.preRunCounts)
        }
    }

    /// The run that goes on from now on. The caller holds the lock.
    ///
    /// - Parameter counts: what the store holds.
    func makeRun(trigger: String, _ sources: [SourceDefinition], label: String, _ counts: StoreCounts, _ state: inout State) -> ActiveRun {
        let now = environment.now().wall
        var record = RunRecord(
            sequence: state.nextSequence,
            runID: RunID.make(at: Timestamp(milliseconds: now), suffix: environment.randomSuffix()),
            trigger: trigger,
            source: label,
            sources: sources.map(\.name),
            startedAt: Timestamp(milliseconds: now),
            preRunCounts: RunCounts(raw: counts.rawRecords, normalized: counts.rows)
        )
        if !record.isReplay { record.resumeFrom = resumePoint(for: sources, after: state.finished.runs, at: now) }
        let stored = StoredValues { [store] in store.snapshot() }
        let schemas = RunSchemas(
            registry: schemas,
            sequence: record.sequence,
            isTransient: record.isReplay,
            isPartial: record.isReplay
        ) { stored.value($0, $1) }
        let run = ActiveRun(
            record: record,
            sources: sources,
            sink: store,
            environment: environment,
            schemas: schemas,
            outliers: OutlierDetector(runID: record.runID) { [store] in store.snapshot() },
            outlierCounters: outlierCounters,
            newest: newest
        )
        state.current = run
        state.currentDefinitions = definitions
        state.nextSequence += 1
        return run
    }

    /// Believes the machine's clock although earlier fetches were later; the next run that ends writes that down.
    package func acceptClock() {
        let now = Timestamp(milliseconds: environment.now().wall)
        state.withLock { $0.counters.acceptClock(now) }
    }

    func clockProblem(_ state: State) -> String? {
        ClockCheck.problem(
            now: Timestamp(milliseconds: environment.now().wall),
            existsSince: environment.existsSince,
            newestFetch: state.counters.lastAttempts.values.max()
        )
    }

    /// Lets a run go, on a thread of its own, when its record is durable.
    private func start(_ run: ActiveRun) throws(RefreshError) {
        // The thread comes first: a run that has begun must be able to end.
        let work = BlockingQueue<RunExecution>()
        do throws(ThreadError) {
            try startThread { [self] in
                if let execution = work.popAll()?.first { end(execution.execute(), of: run) }
            }
        } catch {
            state.withLock { $0.current = nil }
            throw .noThread(error.description)
        }
        let checkpoints = checkpoints(for: run)
        do throws(RefreshError) {
            try begin(run, checkpoints)
        } catch {
            work.close()
            throw error
        }
        for name in run.record.sources { pages.forget(name) }
        run.attempted(run.sources, at: environment.now())
        _ = work.pushLast(execution(of: run, checkpoints))
    }

    /// Makes the run's record durable.
    func begin(_ run: ActiveRun, _ checkpoints: [String: PageCheckpoint]) throws(RefreshError) {
        var start = Batch(origin: BatchOrigin(runID: run.runID, number: 0, source: "", fetchedAt: run.record.startedAt))
        // This run may be killed before its first page: then they are still good.
        let changes =
            [RunState.start(run.record)] + checkpoints.map { $0.value.change(of: $0.key) }
            + remembered.forgetAll(but: Set(definitions.map(\.name)))
        start.state = { _ in changes }
        do throws(StoreError) {
            try finishRecovery()
            if let unstored = state.withLock({ $0.unstored }) { try commitEnd(of: unstored) }
            _ = try store.commit(start)
        } catch {
            state.withLock { $0.current = nil }
            throw .storeUnavailable(error.message)
        }
        environment.logger.info("run started", metadata: ["run_id": "\(run.runID)", "sources": "\(run.record.sources.joined(separator: ","))"])
    }

    private func execution(of run: ActiveRun, _ checkpoints: [String: PageCheckpoint]) -> RunExecution {
        var execution = RunExecution(run: run, memory: memory, limiters: limiters, checkpoints: checkpoints) { [store] in
            Self.newestTimestamp(of: $0, in: store)
        }
        execution.remembered = remembered
        execution.mappingVersion = { [schemas, definitions] name in
            let mode = definitions.first { $0.name == name }?.schemaMode ?? .infer
            return "\(mode.rawValue):\(schemas.mappingVersion(of: name))"
        }
        return execution
    }

    /// What `{since}` stands for; nil when the store has no row of the source, or cannot say.
    static func newestTimestamp(of source: String, in store: Store) -> Timestamp? {
        var query = RowQuery()
        query.sources = [Array(source.utf8)]
        query.limit = 1
        return try? store.snapshot().page(query).first?.timestamp
    }

    /// Moves the earlier runs that could not be moved at start; no run begins before that.
    private func finishRecovery() throws(StoreError) {
        guard var recovery = state.withLock({ $0.recovery }) else { return }
        do throws(StoreError) {
            try recovery.perform()
        } catch {
            state.withLock { $0.recovery = recovery }
            throw error
        }
        state.withLock { state in
            state.counters = recovery.counters
            state.counters.learn(from: state.finished.runs)
            state.recovery = nil
        }
    }

    /// Stores the end of a run and lets the next one begin. Run's thread.
    func end(_ record: RunRecord, of run: ActiveRun) {
        do throws(StoreError) {
            try commitEnd(of: record)
        } catch {
            environment.logger.error(
                "the end of a run could not be stored; the next run's start does it: \(error)",
                metadata: ["run_id": "\(record.runID)"]
            )
            state.withLock { $0.unstored = record }
        }
        environment.logger.info(
            "run ended",
            metadata: [
                "run_id": "\(record.runID)", "status": "\(record.status.rawValue)", "inserted": "\(record.inserted)",
                "updated": "\(record.updated)", "skipped": "\(record.skipped)", "quarantined": "\(record.quarantined)",
                "too_old": "\(record.tooOld)", "milliseconds": "\(record.durationMilliseconds ?? 0)",
            ]
        )
        let watchers = state.withLock { state in
            state.finished.append(record)
            state.attempts.merge(run.attempts) { $1 }
            state.current = nil
            return state.watchers
        }
        if !record.isReplay { IngestMetrics.runs(record.status).increment() }
        environment.runEnded(record)
        for watcher in watchers { watcher() }
        // What the run brought is in the segments soon, for whoever reads those.
        store.requestSeal()
    }

    /// One commit: the run's line, the counters with it, and its pieces out of the state.
    private func commitEnd(of record: RunRecord) throws(StoreError) {
        var counters = state.withLock { $0.counters }
        counters.add(record) { newest[$0] }
        var end = Batch(origin: BatchOrigin(runID: record.runID, number: 0, source: "", fetchedAt: record.completedAt ?? record.startedAt))
        end.records = [LineRecord(family: .runs, position: Int64(record.sequence), line: record.line)]
        let changes = RunState.removal(of: record) + [counters.change] + newest.changes
        end.state = { [limiters] _ in changes + limiters.values.map { $0.kept() } }
        _ = try store.commit(end)
        state.withLock { state in
            state.counters = counters
            state.unstored = nil
        }
    }

    /// Looks at a source as a run would, and stores nothing but the spend of its request. Blocks.
    ///
    /// - Throws: `.unknownSource`, `.draining`.
    package func preview(source: String) throws(RefreshError) -> PreviewReport {
        guard let definition = definitions.first(where: { $0.name == source }) else {
            throw .unknownSource(source, known: definitions.map(\.name))
        }
        let cancellation = CancellationFlag()
        let (isDraining, problem) = state.withLock { state in
            state.previews.append(cancellation)
            return (state.isDraining, clockProblem(state))
        }
        defer { state.withLock { $0.previews.removeAll { $0 === cancellation } } }
        if isDraining { throw .draining }
        if let problem { throw .clock(problem) }
        let preview = Preview(of: definition, environment: environment, limiter: limiters[source]) { [store] in
            Self.newestTimestamp(of: $0, in: store)
        }
        let stored = StoredValues { [store] in store.snapshot() }
        let known = RunSchemas(registry: schemas, isTransient: true) { stored.value($0, $1) }
        return preview.knowing(known).report(cancellation)
    }

    /// No new runs; the one that goes on is interrupted at once. Returns when it has stored its end, at the latest after `seconds`.
    package func drain(atMost seconds: Int) async {
        let current = state.withLock { state in
            state.isDraining = true
            for preview in state.previews { preview.cancel() }
            return state.current
        }
        current?.cancellation.cancel()
        guard let current else { return }
        _ = await wait(for: current.runID, atMost: seconds)
    }
}
