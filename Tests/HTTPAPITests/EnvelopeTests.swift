import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import HTTPAPI

@Suite struct EnvelopeTests {
    @Test func everyAnswerCarriesItsIdTheLatestRunAndItsLatency() async throws {
        for uri in [
            "/", "/health", "/livez", "/readyz", "/metrics", "/stats", "/data", "/runs", "/nowhere", "/data?x=1",
        ] {
            let response = try await TestServer().ask(uri)
            #expect(response.header("X-Request-ID")?.utf8.count == 32, "\(uri)")
            #expect(response.header("X-Run-ID") == "etl_20241215_143022_3", "\(uri)")
            #expect(response.header("X-API-Latency-Ms").flatMap { Int($0) } != nil, "\(uri)")
        }
    }

    @Test func aValidRequestIdIsEchoedAndABadOneReplaced() async throws {
        let name = HTTPField.Name("X-Request-ID")!
        let good = try await TestServer().ask("/livez", headers: [name: "a.B-9_z"])
        #expect(good.header("X-Request-ID") == "a.B-9_z")
        #expect(good.text.contains("\"request_id\":\"a.B-9_z\""))
        for bad in ["", "has blank", "quote\"", String(repeating: "a", count: 65), "ü"] {
            let response = try await TestServer().ask("/livez", headers: [name: bad])
            #expect(response.header("X-Request-ID") != bad)
            #expect(response.header("X-Request-ID")?.utf8.count == 32)
        }
    }

    @Test func theBodySaysTheSameLatencyAsTheHeader() async throws {
        let response = try await TestServer().ask("/stats")
        #expect(response.text.contains("\"api_latency_ms\":\(try #require(response.header("X-API-Latency-Ms")))"))
    }

    @Test func anUnknownPathIs404WithAProblem() async throws {
        let response = try await TestServer().ask("/nowhere/at%20all")
        #expect(response.status == .notFound)
        let problem = try response.problem()
        #expect(problem.code == "not_found")
        #expect(problem.type == "urn:kasparro:problem:not_found")
        #expect(problem.title == "Not Found")
        #expect(problem.instance == "/nowhere/at%20all")
    }

    @Test(arguments: [
        ("/data", HTTPRequest.Method.post, "GET, HEAD, OPTIONS"), ("/runs/x", .delete, "GET, HEAD, OPTIONS"),
        ("/refresh", .get, "POST, OPTIONS"), ("/etl/refresh", .put, "POST, OPTIONS"),
        ("/data", HTTPRequest.Method("BREW")!, "GET, HEAD, OPTIONS"),
    ])
    func anotherMethodIs405WithAllow(_ uri: String, _ method: HTTPRequest.Method, _ allow: String) async throws {
        let response = try await TestServer().ask(uri, method)
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == allow)
        #expect(try response.problem().code == "method_not_allowed")
    }

    @Test func optionsNamesTheMethods() async throws {
        let response = try await TestServer().ask("/runs/abc", .options)
        #expect(response.status == .noContent)
        #expect(response.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(try await TestServer().ask("/nowhere", .options).status == .notFound)
    }

    @Test(arguments: ["/data", "/runs", "/health", "/metrics", "/", "/nowhere", "/data?limit=x"])
    func headHasTheHeadersOfGetAndNoBody(_ uri: String) async throws {
        let server = TestServer()
        let get = try await server.ask(uri)
        let head = try await server.ask(uri, .head)
        #expect(head.status == get.status)
        #expect(head.headers[.contentType] == get.headers[.contentType])
        #expect(head.body.readableBytes == 0)
        #expect(head.headers[.contentLength] != nil)
    }

    @Test func anUnexpectedErrorIs500AndKeepsItsDetailsToItself() async throws {
        let server = TestServer()
        try server.rows.cutRows()
        let response = try await server.ask("/data")
        #expect(response.status == .internalServerError)
        #expect(try response.problem().code == "store_unreadable")
        #expect(!response.text.contains(server.rows.directory))
    }

    @Test func requestsAreTimedByTemplateOnly() async throws {
        let server = TestServer()
        try await server.ask("/runs/anything")
        try await server.ask("/made/up/\(Int.random(in: 0...9))")
        try await server.ask("/data", HTTPRequest.Method("BREW")!)
        let text = try await server.ask("/metrics").text
        #expect(
            text.contains("http_request_duration_seconds_count{method=\"GET\",route=\"/runs/{id}\",status=\"404\"} 1\n")
        )
        #expect(
            text.contains("http_request_duration_seconds_count{method=\"GET\",route=\"_other\",status=\"404\"} 1\n")
        )
        #expect(
            text.contains("http_request_duration_seconds_count{method=\"_other\",route=\"/data\",status=\"405\"} 1\n")
        )
        #expect(text.contains("http_request_duration_seconds_count{method=\"GET\",route=\"/data\",status=\"200\"} 0\n"))
        #expect(!text.contains("made"))
    }

    @Test func theIndexListsTheRoutes() async throws {
        let response = try await TestServer().ask("/?utm=1", headers: [.accept: "text/plain"])
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        for path in ["/health", "/data", "/runs/{id}", "POST /refresh"] { #expect(response.text.contains(path)) }
    }
}
