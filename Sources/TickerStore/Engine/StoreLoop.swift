/// The writer's thread: commits first, then whatever maintenance is due.
final class StoreLoop {
    typealias Completion = @Sendable (Result<CommitCounts, StoreError>) -> Void

    struct Job: Sendable {
        enum Work: Sendable {
            case commit(Batch)
            /// Seal what is there.
            case seal
            /// Merge segments as far as it goes.
            case compact
            /// Copy the store.
            case backup(BackupJob.Target, report: @Sendable (BackupReport) -> Void)
            /// The maintenance thread has done something.
            case wake
            /// Nothing but an answer.
            case ask
            /// From now on things are kept so long, and so much of the disk stays free.
            case keep(Retention, minimumFree: Int?)
            case close
        }
        var work: Work
        /// Called when it is done.
        var completion: Completion = { _ in }
    }

    /// Maintenance that somebody waits for.
    private struct Request {
        var job: Job
        /// What must be sealed before.
        var lastLSN: UInt64
    }

    private static let idleMilliseconds = 1_000
    /// At a stop no more rows than this are sealed: the log keeps the others as well.
    private static let rowsSealedAtClose = 524_288

    private let engine: StoreEngine
    private let jobs: BlockingQueue<Job>
    private let publish: (Snapshot, StoreStatistics) -> Void
    private let worker: MaintenanceThread
    /// Commits that wait for sealing to catch up.
    private var held: [Job] = []
    private var requests: [Request] = []
    private var closing: Job?
    private var load = LoadPause()

    /// - Parameters:
    ///   - worker: wakes this loop when it has done something.
    ///   - publish: Called with what readers see from now on.
    init(
        engine: StoreEngine,
        jobs: BlockingQueue<Job>,
        worker: MaintenanceThread,
        publish: @escaping (Snapshot, StoreStatistics) -> Void
    ) {
        self.engine = engine
        self.jobs = jobs
        self.publish = publish
        self.worker = worker
    }

    /// Works until the store is closed.
    func run() {
        startMaintenance()
        while closing == nil {
            // Work that was put off is taken up as soon as the load pauses.
            let isPutOff = isMaintenancePutOff
            let patience = isPutOff ? Int(LoadPause.gapMilliseconds) : Self.idleMilliseconds
            guard let waiting = jobs.popAll(waitingAtMost: patience, holding: held.count) else { break }
            if waiting.isEmpty, !isPutOff { engine.idle() }
            for job in waiting { sort(job) }
            for outcome in worker.outcomes() { finish(outcome) }
            commit()
            if closing == nil { startMaintenance() }
            publish(engine.snapshot(), engine.statistics())
        }
        close()
    }

    private func sort(_ job: Job) {
        switch job.work {
        case .commit: held.append(job)
        case .seal, .compact, .backup: requests.append(Request(job: job, lastLSN: 0))
        case .wake: break
        case .ask: job.completion(.success(CommitCounts()))
        case .keep(let retention, let minimumFree):
            engine.keep(retention, minimumFree: minimumFree)
            job.completion(.success(CommitCounts()))
        case .close: closing = job
        }
    }

    private func commit() {
        if held.isEmpty || (engine.isOverloaded && closing == nil) { return }
        let taken = held
        held = []
        let batches = taken.compactMap { job in if case .commit(let batch) = job.work { batch } else { nil } }
        let results = engine.commit(batches)
        let now = engine.options.monotonic()
        for case .success(let counts) in results { load.note(rows: counts.inserted + counts.updated, at: now) }
        // Whoever is told that a batch is stored finds it in the snapshot.
        publish(engine.snapshot(), engine.statistics())
        for (job, result) in zip(taken, results) { job.completion(result) }
        let committed = engine.committed
        engine.committed = []
        for rows in committed { engine.options.committed?(rows) }
    }

    // MARK: Maintenance

    /// Starts the next piece of work when the maintenance thread is free.
    private func startMaintenance() {
        engine.checkSpace()
        if isMaintenancePutOff { return }
        while !engine.maintenance.isRunning {
            if let request = requests.first {
                if request.lastLSN == 0 { begin() }
                if serve(requests[0]) { continue }
                if engine.maintenance.isRunning { return }
            }
            if let job = engine.nextJob(ignoresRetry: !requests.isEmpty) {
                worker.start(.job(job))
                return
            }
            // Nothing was left to do for the request, or what it needs could not even begin.
            guard !requests.isEmpty else { return }
            if !serve(requests[0]), !engine.maintenance.isRunning {
                answer(.failure(StoreError(.inputOutput, engine.maintenance.failure ?? engine.poisoned ?? "the store can do nothing now")))
            }
        }
    }

    private var isMaintenancePutOff: Bool { requests.isEmpty && engine.hasRoomForLogs && load.isOn(at: engine.options.monotonic()) }

    /// Notes what the first request waits for.
    private func begin() {
        requests[0].lastLSN = engine.writer.nextLSN - 1
        switch requests[0].job.work {
        case .seal: engine.maintenance.isSealWanted = true
        case .compact: engine.wantCompaction()
        case .backup: engine.maintenance.isSealForced = true
        default: break
        }
    }

    /// Ends the first request if what it waits for is done; true when it is.
    private func serve(_ request: Request) -> Bool {
        switch request.job.work {
        case .seal:
            guard engine.isSealed(through: request.lastLSN) else {
                // What was not worth sealing when it was asked for may be by now.
                engine.maintenance.isSealWanted = true
                return false
            }
        case .compact:
            guard !engine.maintenance.isCompactionWanted else { return false }
        case .backup(let target, let report):
            guard engine.isSealed(through: request.lastLSN), !engine.maintenance.isSealForced else { return false }
            // Nothing may come between the seal and the copy: merging drops rows for the sake of others that are not sealed yet.
            engine.maintenance.isRunning = true
            worker.start(.backup(engine.backupJob(target), report))
            return false
        default: break
        }
        answer(.success(CommitCounts()))
        return true
    }

    /// Ends the first request.
    private func answer(_ result: Result<CommitCounts, StoreError>) {
        publish(engine.snapshot(), engine.statistics())
        requests.removeFirst().job.completion(result)
    }

    private func finish(_ outcome: MaintenanceThread.Outcome) {
        switch outcome {
        case .job(.success(let result)):
            do throws(StoreError) {
                worker.start(.remove(try engine.finish(result)))
            } catch {
                engine.fail(error)
                failRequest(error)
            }
        case .job(.failure(let error)):
            engine.fail(error)
            failRequest(error)
        case .backup(let failure):
            engine.maintenance.isRunning = false
            answer(failure.map { .failure($0) } ?? .success(CommitCounts()))
        }
    }

    private func failRequest(_ error: StoreError) {
        // A job that ran before anything was done for the request has nothing to do with it.
        guard let request = requests.first, request.lastLSN > 0 else { return }
        answer(.failure(error))
    }

    // MARK: End

    private func close() {
        while engine.maintenance.isRunning { for outcome in worker.waitForOutcomes() { finish(outcome) } }
        while !requests.isEmpty { answer(.failure(StoreError(.closed, "the store is closed"))) }
        sealAtClose()
        worker.stop()
        let result: Result<CommitCounts, StoreError>
        do throws(StoreError) {
            try engine.close()
            result = .success(CommitCounts())
        } catch {
            result = .failure(error)
        }
        publish(engine.snapshot(), engine.statistics())
        closing?.completion(result)
    }

    /// Leaves the data as segments where that does not take long; what stays in the log is as safe.
    private func sealAtClose() {
        engine.cancellation = MaintenanceCancellation()
        let rows = engine.tables.generations.reduce(0) { $0 + $1.rows }
        if rows > Self.rowsSealedAtClose { return }
        engine.maintenance.isSealWanted = true
        while let job = engine.nextJob(ignoresRetry: true, sealOnly: true) {
            do throws(StoreError) {
                for path in try engine.finish(try job.run()) { try? engine.directory.fileSystem.remove(path) }
            } catch {
                engine.fail(error)
                return
            }
        }
    }
}
