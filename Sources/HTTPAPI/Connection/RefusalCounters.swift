import CoreMetrics
import Telemetry

/// `kasparro_http_refused_requests_total{code}`: requests that were answered before any route, or not at all.
package struct RefusalCounters: Sendable {
    /// The metric's name.
    package static let name = "kasparro_http_refused_requests_total"
    /// Its labels' values; each is the `code` of a problem.
    package static let codes = [
        "malformed_request", "http_version_not_supported", "request_line_too_long", "headers_too_large", "body_too_large", "request_timeout",
        "deadline_exceeded", "too_many_connections",
    ]

    private let counters: [String: any CounterHandler]

    init(registry: PrometheusRegistry) {
        var counters: [String: any CounterHandler] = [:]
        for code in Self.codes { counters[code] = registry.makeCounter(label: Self.name, dimensions: [("code", code)]) }
        self.counters = counters
    }

    func count(_ code: String) { counters[code]?.increment(by: 1) }
}
