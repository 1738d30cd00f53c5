import Logging
import MarketData
import TickerStore

/// Brings the runs that the state still has at start to where finished runs belong, the `runs` family: a run that was going on when the
/// process died, and all runs of a store that an older kasparro wrote.
///
/// Each commit moves whole runs, takes them out of the state and counts them, so that a kill in between neither loses nor doubles one.
struct RunRecovery {
    private let store: Store
    /// A commit is closed before it has more.
    private let bytesPerCommit: Int
    /// With the runs counted that have been moved.
    private(set) var counters: RunCounters
    /// Ended runs that are still to be moved, oldest first.
    private(set) var leftovers: [RunState.Leftover]

    init(store: Store, environment: IngestEnvironment, bytesPerCommit: Int = 4 << 20) {
        self.store = store
        self.bytesPerCommit = bytesPerCommit
        counters = RunCounters(store.openingState)
        leftovers = RunState.leftovers(store.openingState)
        for index in leftovers.indices where leftovers[index].run.status == .running {
            leftovers[index].run.schemaVersion = SchemaRegistry.version(in: store.openingState)
            leftovers[index].run.closeKilled(at: Timestamp(milliseconds: environment.now().wall))
            let run = leftovers[index].run
            environment.logger.warning(
                "a run was killed before its end",
                metadata: ["run_id": "\(run.runID)", "batches": "\(run.batchCount)"]
            )
        }
    }

    /// Moves what is left.
    ///
    /// - Throws: when that cannot be written. What was moved before stays moved, and the next call goes on behind it.
    mutating func perform() throws(StoreError) {
        while !leftovers.isEmpty {
            var count = 0
            var bytes = 0
            for leftover in leftovers {
                let size = leftover.run.line.count + leftover.keys.reduce(0) { $0 + $1.utf8.count + 8 }
                if count > 0, bytes + size > bytesPerCommit { break }
                count += 1
                bytes += size
            }
            try commit(Array(leftovers.prefix(count)))
            leftovers.removeFirst(count)
        }
    }

    private mutating func commit(_ moved: [RunState.Leftover]) throws(StoreError) {
        var next = counters
        for leftover in moved { next.add(leftover.run) }
        let last = moved[moved.count - 1].run
        var batch = Batch(origin: BatchOrigin(runID: last.runID, number: 0, source: "", fetchedAt: last.completedAt ?? last.startedAt))
        batch.records = moved.map { LineRecord(family: .runs, position: Int64($0.run.sequence), line: $0.run.line) }
        let changes = moved.flatMap(\.keys).map { StateChange(key: $0, value: nil) } + [next.change]
        batch.state = { _ in changes }
        _ = try store.commit(batch)
        counters = next
    }
}
