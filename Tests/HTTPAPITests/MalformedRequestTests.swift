import HummingbirdTesting
import Testing

@testable import HTTPAPI

/// Requests that must be answered with a problem and a closed connection before any route sees them.
@Suite struct MalformedRequestTests {
    private func exchange(_ request: String, with server: TestServer = TestServer()) async throws -> String {
        try await server.application.test(.live) { client in
            let port = try #require(client.port)
            return try await ReadingPool.run { RawConnection.exchange(request, port: port) }
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
        "POST /refresh HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\nx",
        "POST /refresh HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Bad: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Bad: a\rb\r\n\r\n",
        "NOT HTTP AT ALL\r\n\r\n",
    ])
    func theAnswerIs400AndTheConnectionIsClosed(_ request: String) async throws {
        let server = TestServer()
        let answer = try await exchange(request, with: server)
        #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(answer)")
        #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
        #expect(answer.contains("application/problem+json"))
        #expect(answer.contains("\"code\":\"malformed_request\""))
        #expect(server.runs.asked.isEmpty)
    }

    @Test(arguments: ["close", "Close", "x, CLOSE"])
    func aClientThatAsksForItIsClosed(_ option: String) async throws {
        let answer = try await exchange("GET /livez HTTP/1.1\r\nHost: a\r\nConnection: \(option)\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        #expect(!answer.hasSuffix(RawConnection.leftOpen), "\(answer)")
    }

    @Test func answersOfPipelinedRequestsKeepTheirOrder() async throws {
        let answer = try await exchange("GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n")
        let good = try #require(answer.firstRange(of: "HTTP/1.1 200 OK"))
        let bad = try #require(answer.firstRange(of: "HTTP/1.1 400 Bad Request"))
        #expect(good.lowerBound < bad.lowerBound)
    }

    @Test func anEndlessBodyEndsTheConnection() async throws {
        let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
        let head = "POST /refresh HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let answer = try await exchange(head + String(repeating: chunk, count: 40))
        // Refused for the missing token or for its size, whichever is found first; never accepted, never read to its end.
        #expect(answer.hasPrefix("HTTP/1.1 401") || answer.hasPrefix("HTTP/1.1 413") || answer.isEmpty)
        #expect(!answer.contains("HTTP/1.1 202"))
    }
}
