import TestSupport
import Testing

@testable import HTTPAPI

@Suite struct RequestFramingTests {
    /// What is found in bytes that come in pieces of some size: requests by their lengths and bodies, and how it ends.
    private func read(_ text: String, pieces: Int = .max, limits: ServerLimits = ServerLimits()) -> (found: [String], violation: RequestViolation?) {
        var framing = RequestFraming(limits: limits)
        var waiting: [UInt8] = []
        var found: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(pieces)
            rest = rest.dropFirst(pieces)
            waiting += piece
            reading: while !waiting.isEmpty {
                switch waiting.withUnsafeBytes({ framing.step($0) }) {
                case .incomplete: break reading
                case .emptyLine(let length): waiting.removeFirst(length)
                case .head(let length, let facts):
                    found.append("1.\(facts.minorVersion) \(facts.body) \(facts.isPersistent ? "stays" : "goes")")
                    waiting.removeFirst(length)
                case .body(let length, let isLast):
                    if isLast { found.append("end") }
                    waiting.removeFirst(length)
                case .refused(let violation): return (found, violation)
                }
            }
        }
        return (found, nil)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["1.1 none stays"]),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", ["1.1 none stays"]),
        ("\r\nGET / HTTP/1.1\r\nhOST: [::1]:80\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ["1.1 none stays", "1.1 none stays"]),
        ("GET / HTTP/1.0\r\n\r\n", ["1.0 none goes"]),
        ("GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n", ["1.0 none stays"]),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x,\tCLOSE \r\n\r\n", ["1.1 none goes"]),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", ["1.1 none goes"]),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 003\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            ["1.1 length(3) stays", "end", "1.1 none stays"]
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=\"y\"\r\na\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
            ["1.1 chunked stays", "end"]
        ),
        ("GET /\u{e9}?\u{1F600} HTTP/1.1\r\nHost: a\r\nX: \u{e9}\r\n\r\n", ["1.1 none stays"]),
    ])
    func whatIsInOrderIsTakenHoweverItComesIn(text: String, found: [String]) {
        for pieces in [1, 2, 3, 7, .max] {
            let result = read(text, pieces: pieces)
            #expect(result.violation == nil && result.found == found, "in pieces of \(pieces): \(result)")
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nb\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX(: b\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n", "GET / HTTP/1.1\rHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \u{1b}[2J\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{7f}\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\r\n\r\n", "GET / http/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/11\r\nHost: a\r\n\r\n", "GET / HTTP/1.1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "\u{16}\u{3}\u{1}", "NOT HTTP AT ALL\r\n\r\n", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n 1\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\0\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: \u{1}\r\n\r\n",
    ])
    func whatTwoProgramsCouldReadDifferentlyIsRefused(text: String) {
        for pieces in [1, 5, .max] {
            guard case .malformed? = read(text, pieces: pieces).violation else {
                Issue.record("in pieces of \(pieces): \(read(text, pieces: pieces))")
                continue
            }
        }
    }

    @Test(arguments: ["HTTP/2.0", "HTTP/0.9", "HTTP/1.2"]) func otherVersionsAreToldApart(version: String) {
        #expect(read("PRI * \(version)\r\n\r\n").violation == .version)
    }

    @Test func eachLimitHoldsToTheByte() {
        var limits = ServerLimits()
        (limits.requestLineBytes, limits.headerBytes, limits.headerFields, limits.bodyBytes) = (30, 40, 3, 10)
        func violation(_ text: String) -> RequestViolation? { read(text, pieces: 4, limits: limits).violation }
        let path = String(repeating: "a", count: 16)
        #expect(violation("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        #expect(violation("GET /\(path)a HTTP/1.1\r\nHost: a\r\n\r\n") == .requestLineTooLong)
        let value = String(repeating: "a", count: 40 - 9 - 5)
        #expect(violation("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n") == nil)
        #expect(violation("GET / HTTP/1.1\r\nHost: a\r\nX: \(value)a\r\n\r\n") == .headersTooLarge)
        #expect(violation("GET / HTTP/1.1\r\nHost: a\r\nX:\r\nX:\r\n\r\n") == nil)
        #expect(violation("GET / HTTP/1.1\r\nHost: a\r\nX:\r\nX:\r\nX:\r\n\r\n") == .headersTooLarge)
        #expect(violation("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n") == nil)
        #expect(violation("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n") == .bodyTooLarge)
        limits.headerBytes = 100
        #expect(violation("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n") == .bodyTooLarge)
        let chunked = "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(violation(chunked + "5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n") == nil)
        #expect(violation(chunked + "5\r\n12345\r\n6\r\n") == .bodyTooLarge)
        #expect(violation(chunked + "fffffffff") == .bodyTooLarge)
        #expect(violation(chunked + "1;" + String(repeating: "x", count: 200)) == .bodyTooLarge)
    }

    @Test func noBytesAtAllMakeItTrap() {
        var random = SplitMix64(seed: 9)
        let alphabet = Array("GET / HTTP/1.1\r\nHost:acontent-length:transfer-encoding: chunked\r\n0123456789abcdef;\0\n".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<random.below(80)).map { _ in random.pick(alphabet) }
            _ = read(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + String(decoding: bytes, as: UTF8.self),
                pieces: 1 + random.below(90)
            )
            _ = read(String(decoding: bytes, as: UTF8.self), pieces: 1 + random.below(90))
        }
    }
}
