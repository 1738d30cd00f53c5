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

    package enum Stage: String, CaseIterable, Sendable {
        case extract, transform, load
    }

    static func rows(source: String) -> Counter { Counter(label: rowsName, dimensions: [("source", source)]) }

    static func errors(source: String, type: RunRecord.ErrorType) -> Counter {
        Counter(label: errorsName, dimensions: [("source", source), ("type", type.rawValue)])
    }

    static func latency(_ stage: Stage) -> Timer { Timer(label: latencyName, dimensions: [("stage", stage.rawValue)]) }
    static func throttled(source: String) -> Counter { Counter(label: throttleName, dimensions: [("source", source)]) }
    static func waited(source: String) -> Timer { Timer(label: retryLatencyName, dimensions: [("source", source)]) }
}
