import TestSupport
import Testing

@testable import Transfer

@Suite struct FetcherTests {
    @Test func bodyHeadersAndStatusArriveAsSent() throws {
        let server = ScriptedServer(answer: answer("404 Not Found", headers: ["X-One:  a b \t", "link: 1", "Link: 2"], body: "nothing here"))
        defer { server.stop() }
        var request = request(server.url + "/v1/tickers?quotes=USD&page=1#part")
        request.headers = [("Authorization", "Bearer abc"), ("X-Empty", "")]
        let response = try fetch(request)
        #expect(response.status == 404)
        #expect(String(decoding: response.body, as: UTF8.self) == "nothing here")
        #expect(response.header("x-one") == "a b")
        #expect(response.headerValues("LINK") == ["1", "2"])
        #expect(response.header("absent") == nil)
        #expect(response.finalURL == server.url + "/v1/tickers?quotes=USD&page=1")
        #expect(response.duration > .zero)
        let sent = try #require(server.requests.first)
        #expect(sent.hasPrefix("GET /v1/tickers?quotes=USD&page=1 HTTP/1.1\r\n"))
        #expect(sent.contains("\r\nUser-Agent: kasparro-tests/1\r\n"))
        #expect(sent.contains("\r\nAuthorization: Bearer abc\r\n"))
        #expect(sent.contains("\r\nX-Empty:\r\n"))
        #expect(sent.contains("\r\nAccept-Encoding: gzip\r\n"))
    }

    @Test func asyncFormGivesTheSameAnswer() async throws {
        let server = ScriptedServer(answer: answer(body: "[]"))
        defer { server.stop() }
        let response = try await Fetcher.fetch(request(server.url))
        #expect(response.status == 200)
        #expect(response.body == Array("[]".utf8))
    }

    @Test func manyFetchesAtOnceAreIndependent() async throws {
        let server = ScriptedServer(answer: answer(body: "x"))
        defer { server.stop() }
        let url = server.url
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<32 { group.addTask { try await Fetcher.fetch(request(url + "/\(number)")).status } }
            for try await status in group { #expect(status == 200) }
        }
        #expect(Set(server.requests.compactMap { $0.split(separator: " ").dropFirst().first }).count == 32)
    }

    @Test func interimResponseIsNotTheAnswer() throws {
        let server = ScriptedServer(answer: "HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n" + answer(headers: ["X-Real: 2"], body: "ok"))
        defer { server.stop() }
        let response = try fetch(request(server.url))
        #expect(response.status == 200)
        #expect(response.header("X-Hint") == nil)
        #expect(response.header("X-Real") == "2")
    }

    @Test func chunkedBodyIsJoinedAndTrailersAreIgnored() throws {
        let body = "3\r\nabc\r\n2\r\nde\r\n0\r\nRetry-After: 99\r\n\r\n"
        let server = ScriptedServer(answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + body)
        defer { server.stop() }
        let response = try fetch(request(server.url))
        #expect(response.body == Array("abcde".utf8))
        #expect(response.header("Retry-After") == nil)
    }

    @Test func gzipBodyIsInflated() throws {
        let text = Array(String(repeating: "{\"price\":1.50},", count: 1000).utf8)
        let server = ScriptedServer([.send(gzipAnswer(gzip(text)))])
        defer { server.stop() }
        #expect(try fetch(request(server.url)).body == text)
    }

    @Test func gzipMembersInARowAreOneBody() throws {
        let server = ScriptedServer([.send(gzipAnswer(gzip(Array("[1,".utf8)) + gzip(Array("2]".utf8))))])
        defer { server.stop() }
        #expect(try fetch(request(server.url)).body == Array("[1,2]".utf8))
    }

    @Test func emptyBodyAnnouncedAsGzipIsEmpty() throws {
        let server = ScriptedServer([.send(gzipAnswer([]))])
        defer { server.stop() }
        #expect(try fetch(request(server.url)).body.isEmpty)
    }

    @Test(arguments: [
        "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1:80", "/relative", "", "http://", "http://127.0.0.1/a b",
        "http://127.0.0.1/\r\nX: 1", "http://127.0.0.1/\u{0}", "http://127.0.0.1/\u{7F}", "http://127.0.0.1/ä", "http://127.0.0.1:99999/",
    ])
    func unusableURLIsRefusedBeforeSending(url: String) throws {
        #expect(try #require(failure(of: request(url))).kind == .invalidURL)
    }

    @Test(arguments: [
        ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\u{0}"), ("X\r\nY", "a"), ("", "a"), ("X Y", "a"), ("Host", "elsewhere"), ("content-length", "3"),
    ])
    func unusableHeaderIsRefusedBeforeSending(name: String, value: String) throws {
        let server = ScriptedServer(answer: answer())
        defer { server.stop() }
        var request = request(server.url)
        request.headers = [(name, value)]
        #expect(try #require(failure(of: request)).kind == .invalidHeader)
        request.headers = []
        request.userAgent = "a\r\nX: b"
        #expect(try #require(failure(of: request)).kind == .invalidHeader)
        #expect(server.requests.isEmpty)
    }

    @Test func refusedConnectionNamesHostAndPort() throws {
        let port = ScriptedServer.closedPort()
        let error = try #require(failure(of: request("http://127.0.0.1:\(port)/data?api_key=hidden")))
        #expect(error.kind == .refusedConnection)
        #expect(error.message.contains("127.0.0.1:\(port)"))
        #expect(!error.description.contains("hidden"))
    }

    @Test(.timeLimit(.minutes(10))) func unknownNameIsSaidToHaveNoAddress() throws {
        var limits = FetchLimits()
        limits.connectTimeout = .seconds(5)
        let error = try #require(failure(of: request("http://no-such-host.invalid/", limits: limits)))
        // A resolver that cannot be reached answers with silence, and that is the connect limit.
        #expect(error.kind == .unresolvedHost || error.kind == .timeout)
        #expect(error.message.contains("no-such-host.invalid"))
    }

    @Test func plainServerBehindHTTPSIsATLSError() throws {
        let server = ScriptedServer(answer: answer())
        defer { server.stop() }
        let limits = FetchLimits()
        // The scripted server waits for a head that TLS never sends, so the handshake ends by the connect limit or by the server's end.
        var short = limits
        short.connectTimeout = .milliseconds(300)
        let error = try #require(failure(of: request("https://127.0.0.1:\(server.port)/", limits: short)))
        #expect(error.kind == .tls || error.kind == .timeout)
    }
}
