import Logging
import MarketData
import TickerStore

/// Brings the runs that the state still has at start to where finished runs belong, the `runs` family: a run that was going on when the
/// process died, and all runs of a store that an older kasparro wrote.
///
/// Each commit moves whole runs, takes them out of the state and counts them, so that a kill in between neither loses nor doubles one.
struct RunRecovery {
    let store: Store
    let environment: IngestEnvironment
    /// A commit is closed before it has more.
    var bytesPerCommit = 4 << 20

    /// Gives the counters with the runs counted.
    ///
    /// - Throws: when that cannot be written.
    func perform() throws(StoreError) -> RunCounters {
        var counters = RunCounters(store.openingState)
        var moved: [RunState.Leftover] = []
        var bytes = 0
        for var leftover in RunState.leftovers(store.openingState) {
            if leftover.run.status == .running { close(&leftover.run) }
            let size = leftover.run.line.count + leftover.keys.reduce(0) { $0 + $1.utf8.count + 8 }
            if !moved.isEmpty, bytes + size > bytesPerCommit {
                try commit(moved, &counters)
                moved = []
                bytes = 0
            }
            moved.append(leftover)
            bytes += size
        }
        if !moved.isEmpty { try commit(moved, &counters) }
        return counters
    }

    private func close(_ run: inout RunRecord) {
        run.closeKilled(at: Timestamp(milliseconds: environment.now().wall))
        environment.logger.warning("run \(run.runID) was killed before its end", metadata: ["batches": "\(run.batchCount)"])
    }

    private func commit(_ moved: [RunState.Leftover], _ counters: inout RunCounters) throws(StoreError) {
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
