import Ingest
import Telemetry

/// What sources' servers answer, and what holds requests back.
enum UpstreamMetrics {
    static let all = [throttles, waits, quota, tokens, ratio, budget, responses]

    private static let throttles = MetricDefinition(
        IngestMetrics.throttleName,
        .counter,
        "Times a request waited for quota, by source.",
        labels: [MetricsCatalog.upstream]
    )
    private static let waits = MetricDefinition(
        IngestMetrics.retryLatencyName,
        .histogram,
        "Time waited before a request in seconds, for quota, for the server's own time or after a failure, by source.",
        labels: [MetricsCatalog.upstream],
        buckets: [1, 5, 15, 30, 60, 120, 300, 600, 1_800]
    )
    private static let quota = MetricDefinition(
        IngestMetrics.quotaName,
        .gauge,
        "Requests that are sent to a source in a minute at most; fewer while it throttles.",
        labels: [MetricsCatalog.upstream]
    )
    private static let tokens = MetricDefinition(
        IngestMetrics.tokensName,
        .gauge,
        "Requests left of the quota now.",
        labels: [MetricsCatalog.upstream]
    )
    private static let ratio = MetricDefinition(
        IngestMetrics.limiterRatioName,
        .gauge,
        "Requests in a minute that are sent at most, by the configured quota; 1 while a source does not throttle.",
        labels: [MetricsCatalog.upstream]
    )
    private static let budget = MetricDefinition(
        IngestMetrics.monthBudgetName,
        .gauge,
        "Requests left of a source's budget for this month, UTC.",
        labels: [MetricsCatalog.budgeted]
    )
    private static let responses = MetricDefinition(
        IngestMetrics.responsesName,
        .counter,
        "Answers of sources by status code; error when there was none.",
        labels: [MetricsCatalog.upstream, MetricLabel("code", .open(atMost: 501, first: IngestMetrics.usualCodes))]
    )

    static func refreshAtScrape(_ registry: PrometheusRegistry, runs: RunService) {
        registry.onScrape { registry in
            for source in runs.sources() {
                guard let quota = source.quotaPerMinute, let tokens = source.tokensRemaining, let limits = source.limits else { continue }
                let label = [("source", source.name)]
                registry.set(Self.quota, label, to: Double(limits.effectivePerMinute))
                registry.set(Self.tokens, label, to: Double(tokens))
                registry.set(ratio, label, to: Double(limits.effectivePerMinute) / Double(quota))
                guard let budget = limits.monthBudget else { continue }
                registry.set(Self.budget, label, to: Double(max(0, budget - limits.monthUsed)))
            }
        }
    }
}
