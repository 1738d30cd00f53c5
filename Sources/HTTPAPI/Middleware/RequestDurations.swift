import CoreMetrics
import HTTPTypes
import Synchronization
package import Telemetry

/// `http_request_duration_seconds{route,method,status}`.
package final class RequestDurations: Sendable {
    private struct Labels: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    /// No label has a value that a client chose: routes are templates, methods the standard ones, and there is `_other` for all else.
    package static let metric = MetricDefinition(
        "http_request_duration_seconds",
        .histogram,
        "Time from reading a request's head to having its answer, in seconds.",
        labels: [
            MetricLabel("route", .open(atMost: 64, first: [])), MetricLabel("method", .open(atMost: known.count + 1, first: [])),
            MetricLabel("status", .open(atMost: 30, first: [])),
        ],
        buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    )
    private let registry: PrometheusRegistry
    private let timers = Mutex<[Labels: any TimerHandler]>([:])

    /// Declares the metric and makes the usual answer of each endpoint exist at 0.
    init(registry: PrometheusRegistry, endpoints: [Endpoint]) {
        self.registry = registry
        registry.declare(Self.metric)
        for endpoint in endpoints {
            registry.seed(
                Self.metric.name,
                Self.dimensions(
                    Labels(
                        route: endpoint.template,
                        method: endpoint.method.rawValue,
                        status: endpoint.usualStatus.code
                    )
                )
            )
        }
    }

    /// Counts one answer. `route` must be a template or `_other`.
    func record(_ duration: Duration, route: String, method: HTTPRequest.Method, status: Int) {
        let labels = Labels(
            route: route,
            method: Self.known.contains(method) ? method.rawValue : "_other",
            status: status
        )
        let timer = timers.withLock { timers in
            if let timer = timers[labels] { return timer }
            let timer = registry.makeTimer(label: Self.metric.name, dimensions: Self.dimensions(labels))
            timers[labels] = timer
            return timer
        }
        let (seconds, attoseconds) = duration.components
        timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Methods are free text in HTTP; only the standard ones become label values.
    private static let known: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .delete, .connect, .options, .trace, .patch,
    ]

    private static func dimensions(_ labels: Labels) -> [(String, String)] {
        [("route", labels.route), ("method", labels.method), ("status", "\(labels.status)")]
    }
}
