import Hummingbird
import Telemetry

/// `GET /metrics`: Prometheus text, never cached.
enum MetricsRoute {
    static func endpoint(_ context: APIContext) -> Endpoint {
        Endpoint(.get, "/metrics", parameters: nil, summary: "metrics in the Prometheus text format") { _ in
            Response(
                status: .ok,
                headers: [.contentType: PrometheusRegistry.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: context.registry.render()))
            )
        }
    }
}
