import MarketData

/// What a run says of one of its sources, as far as it counts for alerts.
struct SourceAttempt: Sendable, Equatable {
    var source: String
    /// Why it failed; nil when it came in.
    var cause: String?
    var runID: String
    var startedAt: Timestamp
    var endedAt: Timestamp
}

extension RunRecord {
    /// The attempts of a finished run, in the order of its sources. A run that a shutdown ended has none, nor has one that the store
    /// failed, which is no source's fault.
    var attempts: [SourceAttempt] {
        guard status != .running, !errors.contains(where: { $0.type == .interrupted || $0.type == .store }) else { return [] }
        return sources.compactMap { name in
            let failed: Bool
            switch outcomes[name] {
            // All its files are as they were read: what was wrong with it is gone.
            case .loaded, .nothing: failed = false
            case .failed, .partlyLoaded: failed = true
            case nil: return nil
            }
            let cause = errors.last { $0.source == name }?.message ?? "the run says no more; see its batches"
            return SourceAttempt(
                source: name,
                cause: failed ? cause : nil,
                runID: runID,
                startedAt: startedAt,
                endedAt: completedAt ?? startedAt
            )
        }
    }
}
