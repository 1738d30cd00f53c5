import Synchronization

/// The store as the rest of the program sees it: one writer thread behind a queue, snapshots for everyone.
package final class Store: Sendable {
    private struct Job: Sendable {
        enum Work: Sendable {
            case commit(Batch)
            case close
        }
        var work: Work
        var completion: @Sendable (Result<CommitCounts, StoreError>) -> Void
    }

    /// What other threads read.
    private struct Published: Sendable {
        var snapshot: Snapshot
        var statistics: StoreStatistics
    }

    /// Batches that may wait for the writer; then `submit` waits. Each is at most 8 MiB.
    private static let queueLength = 8
    private static let idleMilliseconds = 1_000

    private let jobs = BlockingQueue<Job>(capacity: queueLength)
    private let published: Mutex<Published>
    /// The state as it was when the store was opened: runs, checkpoints, limiters.
    package let openingState: [(key: String, value: [UInt8])]
    /// What opening found and did, for the log.
    package let openingNotes: [String]

    /// Opens the data directory, or makes one, and reads back everything it holds. Blocks.
    package init(path: String, fileSystem: any FileSystem = PosixFileSystem(), options: StoreOptions = StoreOptions()) throws(StoreError) {
        let engine = try StoreEngine(path: path, fileSystem: fileSystem, options: options)
        published = Mutex(Published(snapshot: engine.snapshot(), statistics: engine.statistics()))
        openingState = engine.state(prefix: "")
        openingNotes = engine.openingNotes
        // The thread owns the engine from here on; nobody else has a reference.
        let owned = Owned(engine)
        startThread { [self] in run(owned.engine) }
    }

    private struct Owned: @unchecked Sendable {
        let engine: StoreEngine
        init(_ engine: StoreEngine) { self.engine = engine }
    }

    /// What the store holds now.
    package func snapshot() -> Snapshot { published.withLock { $0.snapshot } }

    package var statistics: StoreStatistics { published.withLock { $0.statistics } }

    /// Hands a batch to the writer; `completion` is called on the writer's thread when the batch is durable and visible, or has failed.
    /// Waits while the writer is `queueLength` batches behind: call it from a thread that may block.
    package func submit(_ batch: Batch, completion: @escaping @Sendable (Result<CommitCounts, StoreError>) -> Void) {
        if !jobs.push(Job(work: .commit(batch), completion: completion)) {
            completion(.failure(StoreError(.closed, "the store is closed")))
        }
    }

    /// Commits a batch and waits until it is durable. Blocks the calling thread.
    package func commit(_ batch: Batch) throws(StoreError) -> CommitCounts {
        try wait { submit(batch, completion: $0) }
    }

    /// An orderly stop: what was submitted is committed, then the CLEAN marker written and the lock given back.
    package func close() throws(StoreError) {
        _ = try wait { completion in
            if !jobs.pushLast(Job(work: .close, completion: completion)) { completion(.success(CommitCounts())) }
        }
    }

    private func wait(_ start: (@escaping @Sendable (Result<CommitCounts, StoreError>) -> Void) -> Void) throws(StoreError) -> CommitCounts {
        let answer = BlockingQueue<Result<CommitCounts, StoreError>>()
        start { _ = answer.push($0) }
        return try answer.popAll()![0].get()
    }

    private func run(_ engine: StoreEngine) {
        while let waiting = jobs.popAll(waitingAtMost: Self.idleMilliseconds) {
            if waiting.isEmpty {
                engine.idle()
                continue
            }
            var batches: [Batch] = []
            var completions: [@Sendable (Result<CommitCounts, StoreError>) -> Void] = []
            var closing: Job?
            for job in waiting {
                switch job.work {
                case .commit(let batch):
                    batches.append(batch)
                    completions.append(job.completion)
                case .close: closing = job
                }
            }
            let results = engine.commit(batches)
            let current = Published(snapshot: engine.snapshot(), statistics: engine.statistics())
            published.withLock { $0 = current }
            for (completion, result) in zip(completions, results) { completion(result) }
            if let closing {
                let result: Result<CommitCounts, StoreError>
                do throws(StoreError) {
                    try engine.close()
                    result = .success(CommitCounts())
                } catch {
                    result = .failure(error)
                }
                closing.completion(result)
                return
            }
        }
    }
}
