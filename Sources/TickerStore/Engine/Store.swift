import Synchronization

/// The store as the rest of the program sees it: one writer thread behind a queue, one thread for maintenance, snapshots for everyone.
package final class Store: Sendable {
    /// What other threads read.
    private struct Published: Sendable {
        var snapshot: Snapshot
        var statistics: StoreStatistics
    }

    /// Batches that may wait for the writer; then `submit` waits. Each is at most 8 MiB.
    private static let queueLength = 8

    private let cancellation: MaintenanceCancellation
    private let jobs = BlockingQueue<StoreLoop.Job>(capacity: queueLength)
    private let published: Mutex<Published>
    /// The state as it was when the store was opened: checkpoints, limiters, counters.
    package let openingState: [(key: String, value: [UInt8])]
    /// What opening found and did, for the log.
    package let openingNotes: [String]
    /// Whether the process that had the store before stopped in an orderly way, or there was none.
    package let wasStoppedCleanly: Bool

    /// Tells apart what goes on from one backup; see `Manifest`. nil: it was never copied or repaired.
    package let history: UInt32?

    /// Opens the data directory, or makes one, and reads back everything it holds. Blocks.
    package init(path: String, fileSystem: any FileSystem = PosixFileSystem(), options: StoreOptions = StoreOptions()) throws(StoreError) {
        let engine = try StoreEngine(path: path, fileSystem: fileSystem, options: options)
        cancellation = engine.cancellation
        published = Mutex(Published(snapshot: engine.snapshot(), statistics: engine.statistics()))
        openingState = engine.state(prefix: "")
        openingNotes = engine.openingNotes
        wasStoppedCleanly = engine.wasStoppedCleanly
        history = engine.manifest.history
        do throws(ThreadError) {
            try startThreads(Owned(engine))
        } catch {
            throw StoreError(.inputOutput, error.description)
        }
    }

    /// Gives the engine to the writer's thread; nobody else has a reference from here on.
    private func startThreads(_ owned: Owned) throws(ThreadError) {
        let worker = try MaintenanceThread(fileSystem: owned.engine.directory.fileSystem) { [jobs] in
            jobs.pushUrgent(StoreLoop.Job(work: .wake))
        }
        do throws(ThreadError) {
            try startThread { [self] in
                let loop = StoreLoop(engine: owned.engine, jobs: jobs, worker: worker) { [self] snapshot, statistics in
                    // The last one may be the last reader of segments that go: not under the lock.
                    var old = Published(snapshot: snapshot, statistics: statistics)
                    published.withLock { swap(&$0, &old) }
                }
                loop.run()
            }
        } catch {
            worker.stop()
            throw error
        }
    }

    private struct Owned: @unchecked Sendable {
        let engine: StoreEngine
        init(_ engine: StoreEngine) { self.engine = engine }
    }

    /// What the store holds now.
    package func snapshot() -> Snapshot { published.withLock { $0.snapshot } }

    package var statistics: StoreStatistics { published.withLock { $0.statistics } }

    /// Bytes of memory that decoded blocks take which are kept for the next reader.
    package var cachedBytes: Int { snapshot().cache.bytes }

    /// Hands a batch to the writer; `completion` is called on the writer's thread when the batch is durable and visible, or has failed.
    /// Waits while the writer is `queueLength` batches behind: call it from a thread that may block.
    package func submit(_ batch: Batch, completion: @escaping @Sendable (Result<CommitCounts, StoreError>) -> Void) {
        start(.commit(batch), isUrgent: false, completion)
    }

    /// Commits a batch and waits until it is durable. Blocks the calling thread.
    package func commit(_ batch: Batch) throws(StoreError) -> CommitCounts {
        try wait { submit(batch, completion: $0) }
    }

    /// Asks for everything committed so far to be sealed soon; returns at once.
    package func requestSeal() {
        start(.seal, { _ in })
    }

    /// Seals everything committed so far. Blocks until it is done.
    package func seal() throws(StoreError) {
        _ = try wait { start(.seal, $0) }
    }

    /// Seals, and merges segments as far as it goes. Blocks until it is done.
    package func compact() throws(StoreError) -> CompactionReport {
        try seal()
        let before = statistics
        var report = CompactionReport()
        report.segmentsBefore = before.segments
        report.bytesBefore = before.segmentBytes
        _ = try wait { start(.compact, $0) }
        let after = statistics
        report.segmentsAfter = after.segments
        report.bytesAfter = after.segmentBytes
        report.deadRowsDropped = after.deadRowsDropped - before.deadRowsDropped
        report.deadRecordsDropped = after.deadRecordsDropped - before.deadRecordsDropped
        return report
    }

    /// Makes a consistent copy of the store while it is used; the copy is itself a data directory. Blocks until it is done.
    ///
    /// - Parameters:
    ///   - path: A directory that does not exist yet, or is empty.
    ///   - copy: Copy the files even where second names of them would do.
    ///   - extras: Names below the data directory that are copied as well, such as `token` or `inbox`.
    package func backup(to path: String, copy: Bool, extras: [String]) throws(StoreError) -> BackupReport {
        let report = Mutex(BackupReport(path: path))
        let target = BackupJob.Target(path: path, copies: copy, extras: extras)
        _ = try wait { completion in start(.backup(target, report: { made in report.withLock { $0 = made } }), completion) }
        return report.withLock { $0 }
    }

    /// Changes how long things are kept and how much of the disk stays free. Returns at once.
    ///
    /// - Parameter minimumFree: bytes; nil: as in `StoreOptions`.
    package func keep(_ retention: Retention, minimumFree: Int?) {
        start(.keep(retention, minimumFree: minimumFree)) { _ in }
    }

    /// Whether the writer's thread takes orders, or has ended. Blocks until it answers, or the time is over.
    package func isAnswering(within milliseconds: Int) -> Bool {
        let answer = BlockingQueue<Void>()
        start(.ask) { _ in answer.pushUrgent(()) }
        return answer.popAll(waitingAtMost: milliseconds)?.isEmpty == false
    }

    /// Ends a merger or a backup that is going on; for a process that is to stop soon. What it has made so far is taken back.
    package func interruptMaintenance() { cancellation.raise() }

    /// An orderly stop: what was submitted is committed and sealed, then the CLEAN marker written and the lock given back.
    package func close() throws(StoreError) {
        interruptMaintenance()
        _ = try wait { completion in
            if !jobs.pushLast(StoreLoop.Job(work: .close, completion: completion)) { completion(.success(CommitCounts())) }
        }
    }

    private static let closed = StoreError(.closed, "the store is closed")

    /// - Parameter isUrgent: Not waiting while the queue is full.
    private func start(_ work: StoreLoop.Job.Work, isUrgent: Bool = true, _ completion: @escaping StoreLoop.Completion) {
        let job = StoreLoop.Job(work: work, completion: completion)
        if !(isUrgent ? jobs.pushUrgent(job) : jobs.push(job)) { completion(.failure(Self.closed)) }
    }

    private func wait(_ start: (@escaping StoreLoop.Completion) -> Void) throws(StoreError) -> CommitCounts {
        let answer = BlockingQueue<Result<CommitCounts, StoreError>>()
        start { _ = answer.push($0) }
        return try answer.popAll()![0].get()
    }
}
