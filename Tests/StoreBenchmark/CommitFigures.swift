import Synchronization
import TickerStore

/// Durable commits of 1,000 rows, beside the sqlite3 shell doing the same in the same run.
struct CommitFigures {
    private static let batchRows = 1_000

    private let settings: Settings
    private let path: String

    init(_ settings: Settings) {
        self.settings = settings
        path = settings.directory + "/commits"
    }

    func measure(into report: inout Report) throws {
        let batches = max(1, settings.commitRows / Self.batchRows)
        let rows = Double(batches * Self.batchRows)
        let own = try measureStore(batches, into: &report)
        let peer = try SQLitePeer(directory: path)
        defer { try? removeDirectory(path) }
        guard let theirs = try peer.load(batches: batches, batchRows: Self.batchRows, series: settings.series) else {
            report.note("sqlite3 is not installed, so there is no peer in this run")
            return
        }
        report.add("sqlite3: durable commits of 1,000 rows", rows / theirs, "rows/s")
        report.add("commits one after the other, beside sqlite3", theirs / own.waiting, "×", .atLeast(5))
        report.add("commits that overlap, beside sqlite3", theirs / own.overlapping, "×", .atLeast(5))
    }

    private func measureStore(_ count: Int, into report: inout Report) throws -> (waiting: Double, overlapping: Double) {
        var history = History(series: settings.series)
        let batches = (0..<count).map { _ in history.batch(Self.batchRows) }
        let rows = Double(count * Self.batchRows)
        let waiting = try onNewStore { store in
            for batch in batches { _ = try store.commit(batch) }
        }
        report.add("durable commits of 1,000 rows, one after the other", rows / waiting.committing, "rows/s")
        report.add("the same until all of it is sealed", rows / waiting.sealed, "rows/s")
        let overlapping = try onNewStore { store in
            let failure = Mutex<StoreError?>(nil)
            let done = BlockingQueue<Void>()
            for (number, batch) in batches.enumerated() {
                store.submit(batch) { result in
                    if case .failure(let error) = result { failure.withLock { $0 = error } }
                    if number == count - 1 { _ = done.push(()) }
                }
            }
            _ = done.popAll()
            if let error = failure.withLock({ $0 }) { throw error }
        }
        report.add("durable commits of 1,000 rows that overlap", rows / overlapping.committing, "rows/s")
        report.add("the same until all of it is sealed", rows / overlapping.sealed, "rows/s")
        return (waiting.committing, overlapping.committing)
    }

    /// Seconds until the work is done, and until everything is sealed.
    private func onNewStore(_ work: (Store) throws -> Void) throws -> (committing: Double, sealed: Double) {
        try removeDirectory(path)
        try makeDirectory(path)
        let store = try Store(path: path + "/store")
        let time = try seconds { try work(store) }
        let rest = try seconds { try store.seal() }
        try store.close()
        return (time, time + rest)
    }
}
