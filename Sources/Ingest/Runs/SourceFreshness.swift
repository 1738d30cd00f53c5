package import MarketData
import Synchronization
import TickerStore

/// How fresh what the store has of a source is. All of it is known at once after a restart.
package struct SourceFreshness: Sendable, Equatable {
    package var name: String
    /// When the newest run over it began, or took it in; nil: never.
    package var lastAttempt: Timestamp?
    /// When its newest attempt ended that did not fail, one with nothing to do included; nil: never.
    package var lastSuccess: Timestamp?
    /// Of the newest row that a run has brought; nil: none has.
    package var newestData: Timestamp?
    /// `newestData` when the last successful attempt ended: up to then the store has what the source had.
    package var watermark: Timestamp?
    /// Failed attempts since the last successful one.
    package var consecutiveFailures: Int
}

extension RunService {
    /// Whether a run goes on.
    package var isRunning: Bool { state.withLock { $0.current != nil } }

    /// As of now, in configured order. Does not block.
    package func freshness() -> [SourceFreshness] {
        let (counters, attempts) = state.withLock { state in
            (state.counters, state.current.map { state.attempts.merging($0.attempts) { $1 } } ?? state.attempts)
        }
        return definitions.map(\.name).map { name in
            SourceFreshness(
                name: name,
                lastAttempt: attempts[name].map { Timestamp(milliseconds: $0.wall) } ?? counters.lastAttempts[name],
                lastSuccess: counters.lastSuccesses[name],
                newestData: newest[name],
                watermark: counters.watermarks[name],
                consecutiveFailures: counters.failures[name] ?? 0
            )
        }
    }

    /// Looks for the newest rows of sources of which only the rows are known, as behind an import; on a thread of its own, for it may have to look
    /// at many. Without a thread it is left to the next run.
    package func findNewestData() {
        let stored = store.snapshot().counts.rowsBySource.map(\.source)
        let unknown = definitions.map(\.name).filter { newest[$0] == nil && stored.contains($0) }
        if unknown.isEmpty { return }
        try? startThread { [self] in
            for name in unknown {
                if let time = Self.newestTimestamp(of: name, in: store) { newest.note(time, of: name) }
            }
        }
    }
}

extension RunCounters {
    /// Takes note of how each source of a run came out. A run that was interrupted, or that the store failed, says nothing about its sources.
    mutating func judge(_ run: RunRecord, _ newest: (String) -> Timestamp?) {
        guard run.status != .running, !run.errors.contains(where: { $0.type == .interrupted || $0.type == .store }) else { return }
        for source in run.sources {
            switch run.outcomes[source] {
            case .loaded, .nothing:
                lastSuccesses[source] = run.completedAt ?? run.startedAt
                (failures[source], causes[source]) = (nil, nil)
                if let time = newest(source) { watermarks[source] = time }
            case .partlyLoaded, .failed:
                failures[source, default: 0] += 1
                causes[source] = run.errors.last { $0.source == source }.map { FailingSource.firstWords($0.message) }
            case nil: break
            }
        }
    }

    /// For a store whose counters do not say how sources came out: what its newest runs say.
    ///
    /// - Parameter runs: oldest first.
    mutating func learn(from runs: [RunRecord]) {
        guard lastSuccesses.isEmpty, failures.isEmpty else { return }
        for run in runs where !run.isReplay { judge(run) { _ in nil } }
    }
}
