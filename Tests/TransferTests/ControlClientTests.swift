import Glibc
import TestSupport
import Testing

@testable import Transfer

@Suite struct ControlClientTests {
    private let path = "/tmp/kasparro-test-\(UInt64.random(in: .min ... .max)).sock"
    private var client: ControlClient { ControlClient(socketPath: path, userAgent: "kasparro-tests/1") }

    @Test func aGetGoesThroughTheSocket() async throws {
        let server = ScriptedServer(unixSocket: path, answer: answer(headers: ["X-One: 1"], body: "{}"))
        defer { server.stop(); unlink(path) }
        let response = try await client.get("/runs/etl_1")
        #expect(response.status == 200 && response.body == Array("{}".utf8) && response.header("x-one") == "1")
        let sent = try #require(server.requests.first)
        #expect(sent.hasPrefix("GET /runs/etl_1 HTTP/1.1\r\n") && sent.contains("\r\nHost: localhost\r\n"), "\(sent)")
    }

    @Test func aPostHasNoBodyAndAnEncodedQuery() async throws {
        let server = ScriptedServer(unixSocket: path, answer: answer("202 Accepted", body: "{}"))
        defer { server.stop(); unlink(path) }
        #expect(try await client.post("/admin/backup", query: [("path", "/a b/ü&c=1%"), ("copy", "true")]).status == 202)
        let sent = try #require(server.requests.first)
        #expect(sent.hasPrefix("POST /admin/backup?path=%2Fa%20b%2F%C3%BC%26c%3D1%25&copy=true HTTP/1.1\r\n"), "\(sent)")
        #expect(sent.contains("\r\nContent-Length: 0\r\n"), "\(sent)")
    }

    @Test func aRedirectOnASocketIsAnAnswer() async throws {
        let elsewhere = ScriptedServer(answer: answer(body: "elsewhere"))
        let server = ScriptedServer(unixSocket: path, answer: answer("302 Found", headers: ["Location: \(elsewhere.url)/"]))
        defer { elsewhere.stop(); server.stop(); unlink(path) }
        #expect(try await client.get("/").status == 302)
        #expect(elsewhere.requests.isEmpty)
    }

    @Test func withoutASocketNobodyListens() async throws {
        await #expect { try await client.get("/livez") } throws: { error in
            (error as? FetchError).map { $0.kind == .refusedConnection && $0.message.contains(path) } ?? false
        }
    }

    @Test func aSocketThatAKilledProcessLeftBehindRefuses() async throws {
        let server = ScriptedServer(unixSocket: path, answer: answer())
        server.stop()
        defer { unlink(path) }
        // The accepting thread closes the listener a moment later.
        let deadline = ContinuousClock.now + .seconds(120)
        var kind: FetchError.Kind?
        while kind != .refusedConnection, ContinuousClock.now < deadline {
            do throws(FetchError) { _ = try await client.get("/livez") } catch { kind = error.kind }
        }
        #expect(kind == .refusedConnection)
    }

    @Test func aPathThatIsTooLongIsAnErrorAndNotAnotherSocket() async throws {
        let client = ControlClient(socketPath: "/tmp/" + String(repeating: "x", count: 200), userAgent: "kasparro-tests/1")
        await #expect(throws: FetchError.self) { try await client.get("/livez") }
    }
}
