import MarketData
import TickerStore

/// Finished runs as the store's `runs` family has them. Everything here blocks on the disk.
struct RunArchive: Sendable {
    /// A page or a look-up reads no more than this; a page then says where to go on.
    private static let longestWalk = 10_000
    private static let largestWalkBytes = 64 << 20
    /// Runs read at once; one may have many batches.
    private static let chunk = 50
    /// Runs this close to where the clock says a run should be are looked at one by one.
    private static let nearby = 16

    let store: Store

    /// The newest runs, for memory.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    func newest() throws(StoreError) -> RecentRuns {
        let records = try store.snapshot().records(.runs, limit: RecentRuns.capacity)
        return RecentRuns(records.reversed().compactMap { RunRecord(line: $0.line) }, hasOlder: records.count == RecentRuns.capacity)
    }

    /// Fills a page, newest first, with runs whose number is below `sequence`.
    ///
    /// - Parameters:
    ///   - page: What memory gave.
    ///   - limit: Runs on the whole page, at least one.
    /// - Returns: the number to go on below; nil at the end of the history.
    /// - Throws: `.corrupt`, `.inputOutput`.
    func fill(_ page: inout [RunRecord], to limit: Int, below sequence: Int, _ filter: RunFilter) throws(StoreError) -> Int? {
        var next: Int?
        try walk(store.snapshot(), below: sequence) { place, run in
            guard let run, filter.matches(run) else { return true }
            if page.count < limit {
                page.append(run)
                return true
            }
            next = page.last.map(\.sequence)
            return false
        } cut: {
            next = $0
        }
        return next
    }

    /// The run with this id among those with numbers below `sequence`.
    ///
    /// An id names the time of its run, and numbers go with time as long as nobody sets the clock: so the place is found by halving. Where
    /// it is not found there, the newest runs are looked through.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    func run(id: String, below sequence: Int) throws(StoreError) -> RunRecord? {
        let snapshot = store.snapshot()
        if let time = RunID.time(of: id) {
            let behind = try sequenceBehind(time, snapshot, below: sequence)
            for record in try snapshot.records(.runs, before: Int64(behind + Self.nearby), limit: 3 * Self.nearby) {
                if let run = RunRecord(line: record.line), run.runID == id { return run }
            }
        }
        var found: RunRecord?
        try walk(snapshot, below: sequence) { _, run in
            if run?.runID == id { found = run }
            return found == nil
        }
        return found
    }

    /// About the first number of a run that began after the second `time`.
    private func sequenceBehind(_ time: Timestamp, _ snapshot: Snapshot, below sequence: Int) throws(StoreError) -> Int {
        var low = 0
        var high = min(sequence, Int(try snapshot.records(.runs, limit: 1).first?.position ?? 0) + 1)
        while high - low > Self.nearby {
            let middle = low + (high - low) / 2
            let record = try snapshot.records(.runs, before: Int64(middle + 1), limit: 1).first
            guard let record, record.position > low else {
                low = middle
                continue
            }
            if let run = RunRecord(line: record.line), run.startedAt.milliseconds >= time.milliseconds + 1_000 {
                high = Int(record.position)
            } else {
                low = middle
            }
        }
        return high
    }

    /// Gives runs, newest first, until `visit` says no.
    ///
    /// - Parameters:
    ///   - visit: Number and run; no run: the line cannot be read.
    ///   - cut: Called with the last number read when the walk was too long.
    private func walk(
        _ snapshot: Snapshot,
        below sequence: Int,
        visit: (Int, RunRecord?) -> Bool,
        cut: (Int) -> Void = { _ in }
    ) throws(StoreError) {
        var below = Int64(sequence)
        var count = 0
        var bytes = 0
        while true {
            let records = try snapshot.records(.runs, before: below, limit: Self.chunk)
            for record in records {
                below = record.position
                bytes += record.line.count
                if !visit(Int(record.position), RunRecord(line: record.line)) { return }
            }
            if records.count < Self.chunk { return }
            count += records.count
            if count >= Self.longestWalk || bytes >= Self.largestWalkBytes { return cut(Int(below)) }
        }
    }
}
