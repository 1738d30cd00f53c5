import CoreMetrics
package import Telemetry

/// `kasparro_http_refused_requests_total{code}`: requests that were answered before any route, or not at all.
package struct RefusalCounters: Sendable {
    /// Each value of the label is the `code` of a problem.
    package static let metric = MetricDefinition(
        "kasparro_http_refused_requests_total",
        .counter,
        "Requests and connections that were refused or cut off before any route answered, by the code of the problem.",
        labels: [MetricLabel("code", .known(codes))]
    )
    private static let codes = [
        "malformed_request", "http_version_not_supported", "request_line_too_long", "headers_too_large", "body_too_large", "request_timeout",
        "deadline_exceeded", "too_many_connections",
    ]

    private let counters: [String: any CounterHandler]

    init(registry: PrometheusRegistry) {
        var counters: [String: any CounterHandler] = [:]
        for code in Self.codes { counters[code] = registry.makeCounter(label: Self.metric.name, dimensions: [("code", code)]) }
        self.counters = counters
    }

    func count(_ code: String) { counters[code]?.increment(by: 1) }
}
