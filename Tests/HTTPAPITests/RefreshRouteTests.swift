import HTTPTypes
import HummingbirdTesting
import Ingest
import Logging
import Telemetry
import Testing

@testable import HTTPAPI

@Suite struct RefreshRouteTests {
    private let bearer: HTTPFields = [.authorization: "Bearer secret-token"]

    @Test(arguments: ["/refresh", "/etl/refresh"])
    func aRunIsStarted(_ path: String) async throws {
        let server = TestServer()
        let response = try await server.ask(path, .post, headers: bearer)
        #expect(response.status == .accepted)
        #expect(response.headers[.location] == "/runs/etl_new")
        let id = try #require(response.header("X-Request-ID"))
        let latency = try #require(response.header("X-API-Latency-Ms"))
        #expect(
            response.text
                == #"{"request_id":"\#(id)","run_id":"etl_new","status":"started","#
                + #""pre_run_counts":{"raw":10,"normalized":9},"api_latency_ms":\#(latency)}"#
        )
        #expect(server.runs.asked == ["manual all"])
    }

    @Test func aRunInProgressIsJoined() async throws {
        let server = TestServer()
        server.runs.beBusy()
        #expect(
            try await server.ask("/refresh?source=csv", .post, headers: bearer).text.contains(
                "\"status\":\"already_running\""
            )
        )
        #expect(server.runs.asked == ["manual csv"])
    }

    @Test func waitingGivesTheStatusReached() async throws {
        #expect(
            try await TestServer().ask("/refresh?wait=1", .post, headers: bearer).text.contains(
                "\"status\":\"running\""
            )
        )
        #expect(
            try await TestServer().ask("/refresh?wait=300", .post, headers: bearer).text.contains(
                "\"status\":\"success\""
            )
        )
        #expect(
            try await TestServer().ask("/refresh?wait=0", .post, headers: bearer).text.contains(
                "\"status\":\"started\""
            )
        )
        #expect(try await TestServer().ask("/refresh?wait=301", .post, headers: bearer).problem().parameter == "wait")
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Basic secret-token", "Bearer secret-toke", "Bearer secret-token2",
        "Bearer SECRET-TOKEN",
        "secret-token",
    ])
    func withoutTheTokenNothingStarts(_ value: String?) async throws {
        let server = TestServer()
        let response = try await server.ask("/refresh", .post, headers: value.map { [.authorization: $0] } ?? [:])
        #expect(response.status == .unauthorized)
        #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        #expect(try response.problem().detail.contains("file `token`"))
        #expect(server.runs.asked.isEmpty)
    }

    @Test(arguments: [nil, ""])
    func withoutAConfiguredTokenNoneMatches(_ token: String?) async throws {
        var server = TestServer()
        server.token = token
        for value in ["Bearer ", "Bearer x"] {
            #expect(try await server.ask("/refresh", .post, headers: [.authorization: value]).status == .unauthorized)
        }
    }

    @Test func theSchemeIsReadWithoutCase() async throws {
        #expect(
            try await TestServer().ask("/refresh", .post, headers: [.authorization: "bearer secret-token"]).status
                == .accepted
        )
    }

    @Test func anUnknownSourceIsToldWithTheNearest() async throws {
        let server = TestServer()
        server.runs.refuse(.unknownSource("coingeko", known: ["coinpaprika", "coingecko", "csv"]))
        let response = try await server.ask("/refresh?source=coingeko", .post, headers: bearer)
        #expect(response.status == .badRequest)
        let problem = try response.problem()
        #expect(problem.parameter == "source")
        #expect(problem.detail.contains("Did you mean `coingecko`?"))
    }

    @Test func aReadOnlyStoreAndADrainingServerAre503() async throws {
        let server = TestServer()
        server.runs.refuse(.storeUnavailable("the disk is full"))
        let readOnly = try await server.ask("/refresh", .post, headers: bearer)
        #expect(readOnly.status == .serviceUnavailable)
        #expect(try readOnly.problem().type == "urn:kasparro:problem:store_read_only")
        server.draining.raise()
        #expect(try await server.ask("/refresh", .post, headers: bearer).problem().code == "draining")
    }

    @Test func theLogSaysWhatTheServerCouldNotDo() async throws {
        let written = LineRecorder()
        let sink = LogSink { line in written.add(String(decoding: line.dropFirst(25).dropLast(), as: UTF8.self)) }
        var server = TestServer()
        server.logger = Logger(label: "l") { LogFormat.text.handler(label: $0, level: .info, sink: sink) }
        server.runs.refuse(.storeUnavailable("the disk is full"))
        var headers = bearer
        headers[.init("X-Request-ID")!] = "r1"
        _ = try await server.ask("/refresh", .post, headers: headers)
        _ = try await server.ask("/refresh", .post)
        server.draining.raise()
        _ = try await server.ask("/readyz")
        let refused = written.lines.filter { $0.contains("request refused") }
        #expect(refused.count == 2, "\(written.lines)")
        #expect(refused.first?.hasPrefix("WARNING") == true && refused.first?.contains("code=store_read_only") == true, "\(refused)")
        #expect(refused.first?.contains("request_id=r1 route=/refresh status=503") == true, "\(refused)")
        #expect(refused.last?.hasPrefix("INFO") == true && refused.last?.contains("code=draining") == true, "\(refused)")
    }
}
