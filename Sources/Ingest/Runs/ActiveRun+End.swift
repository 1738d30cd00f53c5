import MarketData
import TickerStore

extension ActiveRun {
    /// Notes how it came out; gives the finished record.
    func finish(_ outcomes: [String: SourceOutcome]) -> RunRecord {
        if let failure = storeFailure { report(.store, source: record.source, failure.message) }
        if isCancelled, !isPreview {
            report(
                .interrupted,
                source: record.source,
                record.isReplay
                    ? "interrupted: the process was stopped; the other records go on waiting"
                    : "interrupted: the process was stopped; the next run goes on"
            )
        }
        let whole = outcomes.values.reduce(into: SourceOutcome.nothing) { $0.join($1) }
        let status: RunRecord.Status = mustStop || whole == .failed ? .failed : whole == .partlyLoaded ? .partialSuccess : .success
        var outcomes = outcomes
        // What was built last may not be on the disk.
        if storeFailure != nil { for name in outcomes.keys where !record.endedSources.contains(name) { outcomes[name] = .failed } }
        let settled = outcomes
        let schemaVersion = schemas.version
        let completedAt = Timestamp(milliseconds: environment.now().wall)
        update { record in
            record.completedAt = completedAt
            record.status = status
            record.outcomes = settled
            record.schemaVersion = schemaVersion
        }
        return record
    }
}
