// The properties of decoded answers have the names on the wire.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import FoundationEssentials
import HTTPAPI
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ingest
import Logging
import MarketData
import Telemetry
import Testing

/// An API over fakes, asked in process or over a socket.
struct TestServer {
    var rows = StoredRows(count: 5)
    var runs = FakeRuns()
    var registry = PrometheusRegistry(onMisuse: { metric, message in Issue.record("\(metric): \(message)") })
    var draining = DrainFlag()
    var token: String? = "secret-token"
    var schedule = ScheduleStatus.disabled
    var alerts = AlertStatus()
    var crossOrigin = CrossOrigin()
    var scope = AuthenticationScope.post
    var limits = ServerLimits()

    var authenticator: Authenticator {
        Authenticator(
            source: FixedCredentials(credentials: Credentials(token: token)),
            scope: scope,
            trustedProxies: limits.trustedProxies,
            registry: registry,
            seconds: { 1_734_220_800 }
        )
    }
    let exports = AnswerSlots(limit: 4)
    /// How long a client may take nothing.
    var clientPatience = Duration.seconds(30)
    var heartbeat = Duration.seconds(15)
    /// 2024-12-15T12:00:00Z: half a day after the first of the stored rows.
    var now = Timestamp(milliseconds: StoredRows.start + 12 * 3_600_000)

    var logger = {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        return logger
    }()

    var application: some ApplicationProtocol {
        var context = APIContext(
            rows: rows,
            runs: runs,
            registry: registry,
            authenticator: authenticator,
            version: "0.1-test",
            sampleData: true,
            draining: draining,
            schedule: { [schedule] in schedule },
            crossOrigin: crossOrigin,
            now: { [now] in now }
        )
        context.alerts = { [alerts] in alerts }
        (context.feed, context.exports, context.clientPatience, context.heartbeat) = (rows.feed, exports, clientPatience, heartbeat)
        return APIServer.application(
            context: context,
            address: .hostname("127.0.0.1", port: 0),
            limits: limits,
            logger: logger
        )
    }

    /// One request through router and middleware.
    @discardableResult
    func ask(
        _ uri: String,
        _ method: HTTPRequest.Method = .get,
        headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        try await application.test(.router) { client in
            try await client.execute(uri: uri, method: method, headers: headers)
        }
    }

    /// Several requests to one server, over a socket.
    func live(_ body: @escaping @Sendable (_ ask: (_ uri: String, _ headers: HTTPFields) async throws -> TestResponse) async throws -> Void)
        async throws
    {
        try await application.test(.live) { client in
            try await body { uri, headers in try await client.execute(uri: uri, method: .get, headers: headers) }
        }
    }

    /// One request over a socket, with all limits in force.
    func askLive(
        _ uri: String,
        _ method: HTTPRequest.Method = .get,
        headers: HTTPFields = [:],
        body: ByteBuffer? = nil
    ) async throws -> TestResponse {
        try await application.test(.live) { client in
            try await client.execute(uri: uri, method: method, headers: headers, body: body)
        }
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body.readableBytesView))
    }

    /// The problem document, whose type and status are checked on the way.
    func problem() throws -> ProblemDocument {
        #expect(headers[.contentType] == "application/problem+json")
        let document = try decode(ProblemDocument.self)
        #expect(document.status == status.code)
        #expect(document.request_id == header("X-Request-ID"))
        return document
    }
}

struct ProblemDocument: Decodable {
    var type: String
    var title: String
    var status: Int
    var detail: String
    var code: String
    var instance: String?
    var parameter: String?
    var request_id: String
    var api_latency_ms: Int
}

struct DataDocument: Decodable {
    struct Row: Decodable { var symbol: String; var price_usd: Double; var timestamp: String }
    struct Pagination: Decodable {
        var limit: Int
        var has_more: Bool
        var next_cursor: String?
        var prev_cursor: String?
        var sort_by: String
        var sort_dir: String
    }
    struct Health: Decodable { var status: String; var errors: Int }

    var request_id: String
    var run_id: String?
    var api_latency_ms: Int
    var health: Health
    var data: [Row]
    var pagination: Pagination
    var prices: [Int] { data.map { Int($0.price_usd) } }
}
