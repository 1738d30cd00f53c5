package import Telemetry

/// How many clients there are.
package enum ConnectionMetrics {
    package static let all = [connections, limit, streamClients]
    private static let connections = MetricDefinition("kasparro_http_connections", .gauge, "Open connections of the network's door.")
    private static let limit = MetricDefinition(
        "kasparro_http_connections_limit",
        .gauge,
        "Open connections from which new ones wait; the last of them may ask nothing but /livez."
    )
    private static let streamClients = MetricDefinition("kasparro_stream_clients", .gauge, "Clients that follow /stream.")

    static func refreshAtScrape(_ registry: PrometheusRegistry, census: ConnectionCensus, limits: ServerLimits, feed: CommitFeed) {
        for metric in all { registry.declare(metric) }
        registry.set(limit, to: Double(limits.connections))
        registry.onScrape { registry in
            registry.set(connections, to: Double(census.count))
            registry.set(streamClients, to: Double(feed.readerCount))
        }
    }
}
