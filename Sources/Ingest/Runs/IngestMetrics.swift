import CoreMetrics

/// The metrics that ingest feeds, under the names of spec section 10.
package enum IngestMetrics {
    package static let rowsName = "etl_rows_processed_total"
    package static let errorsName = "etl_errors_total"
    package static let latencyName = "etl_latency_seconds"
    package static let throttleName = "throttle_events_total"
    package static let retryLatencyName = "retry_latency_seconds"
    package static let quotaName = "quota_requests_per_minute"
    package static let tokensName = "tokens_remaining"
    package static let limiterRatioName = "kasparro_limiter_ratio"
    package static let monthBudgetName = "kasparro_month_budget_remaining"
    package static let responsesName = "kasparro_upstream_responses_total"
    package static let alertsName = "kasparro_alerts_sent_total"
    package static let outliersName = "outlier_detected_total"
    package static let runsName = "kasparro_runs_total"
    package static let runRowsName = "kasparro_run_rows_total"
    package static let schemaMappingsName = "kasparro_schema_mappings_total"
    /// Symbols that have a series of their own.
    package static let namedSymbols = OutlierSymbols.named
    /// In the place of the symbols that have no series of their own.
    package static let otherSymbol = "_other"
    /// The codes that every API answers with sooner or later; the others' series begin when they come.
    package static let usualCodes = ["200", "400", "401", "402", "403", "404", "429", "500", "502", "503", "504", errorCode]
    /// In the place of a status when there was no answer.
    package static let errorCode = "error"

    /// The label of `etl_latency_seconds`: asking a source, making rows of a batch, and its commit.
    package enum Stage: String, CaseIterable, Sendable {
        case extract, transform, load
    }

    /// What became of a record.
    package enum RowOutcome: String, CaseIterable, Sendable {
        case inserted, updated, skipped, quarantined
    }

    /// What became of a mapping that nobody declared or approved.
    package enum MappingFate: String, CaseIterable, Sendable {
        case applied, quarantined
    }

    /// How runs may end.
    package static let runStatuses = [RunRecord.Status.success, .partialSuccess, .failed].map(\.rawValue)

    static func runs(_ status: RunRecord.Status) -> Counter { Counter(label: runsName, dimensions: [("status", status.rawValue)]) }

    static func runRows(source: String, _ outcome: RowOutcome) -> Counter {
        Counter(label: runRowsName, dimensions: [("source", source), ("outcome", outcome.rawValue)])
    }

    /// Counts what became of the records of a batch.
    static func count(_ batch: RunRecord.BatchSummary) {
        let outcomes = [
            (RowOutcome.inserted, batch.inserted), (.updated, batch.updated), (.skipped, batch.skipped), (.quarantined, batch.quarantined),
        ]
        for (outcome, rows) in outcomes where rows > 0 { runRows(source: batch.source, outcome).increment(by: rows) }
    }

    /// Counts the mappings of a new shape that wait for somebody to look at them.
    static func count(_ decision: SchemaDecision, of source: String) {
        for (fate, count) in mappings(decision) where count > 0 {
            Counter(label: schemaMappingsName, dimensions: [("source", source), ("decision", fate.rawValue)]).increment(by: count)
        }
    }

    /// How many fields of a decision nobody has said anything about.
    static func mappings(_ decision: SchemaDecision) -> [(MappingFate, Int)] {
        [(.applied, decision.matches.count { $0.origin == .inferred }), (.quarantined, decision.candidates.count)]
    }

    static func rows(source: String) -> Counter { Counter(label: rowsName, dimensions: [("source", source)]) }

    static func errors(source: String, type: RunRecord.ErrorType) -> Counter {
        Counter(label: errorsName, dimensions: [("source", source), ("type", type.rawValue)])
    }

    static func latency(_ stage: Stage) -> Timer { Timer(label: latencyName, dimensions: [("stage", stage.rawValue)]) }
    static func throttled(source: String) -> Counter { Counter(label: throttleName, dimensions: [("source", source)]) }

    /// - Parameter status: nil when there was no answer.
    static func responses(source: String, status: Int?) -> Counter {
        // A status is three digits on the wire, so there are never more than these.
        let code = status.flatMap { (100...599).contains($0) ? String($0) : nil } ?? errorCode
        return Counter(label: responsesName, dimensions: [("source", source), ("code", code)])
    }

    /// Alerts and heartbeats that were sent, or tried to.
    static func alerts(_ channel: AlertChannel, isSent: Bool) -> Counter {
        Counter(label: alertsName, dimensions: [("channel", channel.rawValue), ("outcome", isSent ? alertOutcomes[0] : alertOutcomes[1])])
    }

    package static let alertOutcomes = ["ok", "error"]

    /// - Parameter symbol: `otherSymbol` for all but the first.
    static func outliers(field: OutlierField, type: OutlierType, symbol: String) -> Counter {
        Counter(label: outliersName, dimensions: [("field", field.name), ("type", type.rawValue), ("symbol", symbol)])
    }

    static func waited(source: String) -> Timer { Timer(label: retryLatencyName, dimensions: [("source", source)]) }
}
