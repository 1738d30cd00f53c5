import MarketData
import TickerStore

extension ActiveRun {
    /// Notes how it came out; gives the finished record.
    func finish(_ outcomes: [String: SourceOutcome]) -> RunRecord {
        if let failure = storeFailure { report(.store, source: record.source, failure.message) }
        if isCancelled, !isPreview {
            report(.interrupted, source: record.source, "interrupted: the process was stopped; the next run goes on")
        }
        let whole = outcomes.values.reduce(into: SourceOutcome.nothing) { $0.join($1) }
        let status: RunRecord.Status = mustStop || whole == .failed ? .failed : whole == .partlyLoaded ? .partialSuccess : .success
        let schemaVersion = schemas.version
        let completedAt = Timestamp(milliseconds: environment.now().wall)
        update { record in
            record.completedAt = completedAt
            record.status = status
            record.outcomes = outcomes
            record.schemaVersion = schemaVersion
        }
        return record
    }
}
