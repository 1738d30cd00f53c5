import Synchronization
package import TickerStore
import Transfer

// What runs did.

extension RunService {
    /// Waits until a run has ended; gives the status it has then.
    package func wait(for runID: String, atMost seconds: Int) async -> String {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            guard let record = recentRun(id: runID) else { return "unknown" }
            let isCurrent = state.withLock { $0.current?.runID == runID }
            if !isCurrent || ContinuousClock.now >= deadline { return record.status.rawValue }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    package var latestRunID: String? { state.withLock { $0.current?.runID ?? $0.finished.runs.last?.runID } }

    /// The run in progress, or one of the newest finished ones. Does not block.
    package func recentRun(id: String) -> RunRecord? {
        state.withLock { state in
            if let current = state.current, current.runID == id { return current.record }
            return state.finished.runs.last { $0.runID == id }
        }
    }

    /// Any run of the store. May wait for the disk.
    ///
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func run(id: String) throws(StoreError) -> RunRecord? {
        if let recent = recentRun(id: id) { return recent }
        guard let below = state.withLock({ $0.finished.olderBegin }) else { return nil }
        return try archive.run(id: id, below: below)
    }

    /// Runs, newest first; all of the history, but only so much of it at once: a page of a filtered list may be short, or empty, and
    /// still have a next one. May wait for the disk.
    ///
    /// - Parameter sequence: only runs before this one.
    /// - Returns: The page, and the sequence to go on from; nil at the end.
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func list(limit: Int, before sequence: Int?, status: String?, source: String?) throws(StoreError) -> (runs: [RunRecord], next: Int?) {
        let (known, older) = state.withLock { state in
            (state.finished.runs + (state.current.map { [$0.record] } ?? []), state.finished.olderBegin)
        }
        let filter = RunFilter(status: status, source: source)
        var page: [RunRecord] = []
        for run in known.reversed() where run.sequence < sequence ?? .max && filter.matches(run) {
            if page.count == limit { return (page, page.last?.sequence) }
            page.append(run)
        }
        guard let older else { return (page, nil) }
        let next = try archive.fill(&page, to: limit, below: min(older, sequence ?? .max), filter)
        return (page, next)
    }

    /// The figures of `/stats`, as of now.
    package func statistics() -> RunStatistics {
        state.withLock { state in
            // A replay says nothing about the sources.
            let loads = state.finished.runs.filter { !$0.isReplay }
            let recent = loads.suffix(20)
            let last = loads.last
            let durations = recent.compactMap(\.durationMilliseconds)
            let failing = state.counters.failing(among: definitions.map(\.name), last: last)
            let isTold = failing.contains { last?.sources.contains($0.name) == true }
            return RunStatistics(
                healthStatus: last?.status.rawValue ?? "none",
                healthErrors: last?.errorCount ?? 0,
                latencyAverageMilliseconds: durations.isEmpty ? nil : Int(durations.reduce(0, +)) / durations.count,
                failedBatches: recent.reduce(0) { $0 + $1.failedBatches.count },
                batches: recent.reduce(0) { $0 + $1.batchCount + $1.failedBatches.count },
                lastSuccessfulRunID: state.counters.lastSuccessfulRunID,
                lastRunNewRecords: last?.inserted ?? 0,
                lastRunSkipped: last?.skipped ?? 0,
                totalDuplicatePrevention: state.counters.duplicatesPrevented,
                runInProgress: state.current?.runID,
                clockProblem: clockProblem(state),
                failingSources: failing,
                lastRunFailure: last?.status == .failed && !isTold ? last?.errors.last.map { FailingSource.firstWords($0.message) } : nil
            )
        }
    }

    /// All sources in configured order, as of now.
    package func sources() -> [SourceStatus] {
        definitions.map { definition in
            let limiter = limiters[definition.name]
            let detail =
                switch definition.kind {
                case .csv(let source): source.inbox + "/" + (source.pattern ?? "*.csv")
                case .http, .feed: redacted(url: definition.upstream?.url ?? "")
                }
            return SourceStatus(
                name: definition.name,
                kind: definition.kindName,
                quotaPerMinute: limiter?.quota.perMinute,
                tokensRemaining: limiter?.available,
                detail: detail,
                limits: limiter?.limits
            )
        }
    }
}
