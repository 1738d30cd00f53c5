import TestSupport
import Testing

@testable import Transfer

@Suite struct LimitTests {
    /// Well before the limits that end a silent transfer anyway, 30 s and more.
    private func expectPrompt<Result>(_ limit: Duration = .seconds(20), _ work: () throws -> Result) rethrows -> Result {
        let start = ContinuousClock.now
        let result = try work()
        #expect(ContinuousClock.now - start < limit)
        return result
    }

    @Test func announcedLengthAboveTheLimitEndsTheFetchBeforeTheBody() throws {
        let server = ScriptedServer([.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n".utf8)), .hang])
        defer { server.stop() }
        var limits = FetchLimits()
        limits.maximumBytes = 1000
        let error = try expectPrompt { try #require(failure(of: request(server.url, limits: limits))) }
        #expect(error.kind == .tooLarge)
        #expect(error.message.contains("1000 bytes"))
    }

    @Test func endlessBodyIsCutAtTheLimit() throws {
        let server = ScriptedServer([
            .send(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)), .sendForEver([UInt8](repeating: 0x41, count: 4096)),
        ])
        defer { server.stop() }
        var limits = FetchLimits()
        limits.maximumBytes = 100_000
        #expect(try expectPrompt { try #require(failure(of: request(server.url, limits: limits))) }.kind == .tooLarge)
    }

    @Test func bodyOfExactlyTheLimitIsTaken() throws {
        let server = ScriptedServer(answer: answer(body: String(repeating: "a", count: 1000)))
        defer { server.stop() }
        var limits = FetchLimits()
        limits.maximumBytes = 1000
        #expect(try fetch(request(server.url, limits: limits)).body.count == 1000)
    }

    @Test func inflatedBytesAreWhatTheLimitCounts() throws {
        let server = ScriptedServer([.send(gzipAnswer(gzip([UInt8](repeating: 0x20, count: 500_000))))])
        defer { server.stop() }
        var limits = FetchLimits()
        limits.maximumBytes = 100_000
        #expect(try #require(failure(of: request(server.url, limits: limits))).kind == .tooLarge)
    }

    @Test(arguments: [2_000_000, 20_000_000])
    func gzipBombIsRefusedByItsRatio(inflatedBytes: Int) throws {
        let server = ScriptedServer([.send(gzipAnswer(gzip([UInt8](repeating: 0x20, count: inflatedBytes))))])
        defer { server.stop() }
        let error = try #require(failure(of: request(server.url)))
        #expect(error.kind == .tooLarge)
        #expect(error.message.contains("200 times"))
    }

    @Test func shortRepetitiveBodyIsNoBomb() throws {
        let server = ScriptedServer([.send(gzipAnswer(gzip([UInt8](repeating: 0x20, count: 1_000_000))))])
        defer { server.stop() }
        #expect(try fetch(request(server.url)).body.count == 1_000_000)
    }

    @Test func endlessHeadersAreCutAtTheLimit() throws {
        let server = ScriptedServer([.send(Array("HTTP/1.1 200 OK\r\n".utf8)), .sendForEver(Array("X-Filler: 0123456789\r\n".utf8))])
        defer { server.stop() }
        #expect(try expectPrompt { try #require(failure(of: request(server.url))) }.kind == .tooLarge)
    }

    @Test func silentServerEndsWithTheTotalLimit() throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        var limits = FetchLimits()
        limits.totalTimeout = .milliseconds(300)
        let error = try expectPrompt { try #require(failure(of: request(server.url, limits: limits))) }
        #expect(error.kind == .timeout)
        #expect(error.message.contains("0.3 seconds"))
    }

    @Test func slowDripEndsWithTheTotalLimit() throws {
        let server = ScriptedServer([
            .send(Array("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".utf8)),
            .drip([UInt8](repeating: 0x41, count: 1000), pauseMilliseconds: 20),
        ])
        defer { server.stop() }
        var limits = FetchLimits()
        limits.totalTimeout = .milliseconds(300)
        #expect(try expectPrompt { try #require(failure(of: request(server.url, limits: limits))) }.kind == .timeout)
    }

    @Test func trickleEndsWithTheLowSpeedLimit() throws {
        let server = ScriptedServer([
            .send(Array("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".utf8)),
            .drip([UInt8](repeating: 0x41, count: 1000), pauseMilliseconds: 50),
        ])
        defer { server.stop() }
        var limits = FetchLimits()
        limits.lowSpeedBytesPerSecond = 1000
        limits.lowSpeedTime = .seconds(1)
        let error = try expectPrompt(.seconds(10)) { try #require(failure(of: request(server.url, limits: limits))) }
        #expect(error.kind == .timeout)
        #expect(error.message.contains("1000 bytes a second"))
    }

    @Test func redirectsShareOneTotalLimit() throws {
        let slowRedirect: [ScriptedServer.Step] = [
            .drip(Array("HTTP/1.1 302 F\r\n".utf8), pauseMilliseconds: 10),
            .send(Array("Location: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)),
        ]
        let server = ScriptedServer(slowRedirect)
        defer { server.stop() }
        var limits = FetchLimits()
        limits.totalTimeout = .milliseconds(300)
        #expect(try expectPrompt { try #require(failure(of: request(server.url, limits: limits))) }.kind == .timeout)
    }
}

@Suite struct BrokenAnswerTests {
    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,2",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\nabcde\r\n",
    ])
    func bodyThatBreaksOffIsTruncated(bytes: String) throws {
        let server = ScriptedServer(answer: bytes)
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .truncated)
    }

    @Test func resetInTheBodyIsTruncated() throws {
        let server = ScriptedServer([.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,2".utf8)), .reset])
        defer { server.stop() }
        let kind = try #require(failure(of: request(server.url))).kind
        // A reset may overtake the head, and then nothing of the answer was seen.
        #expect(kind == .truncated || kind == .network)
    }

    @Test func gzipBodyThatBreaksOffIsTruncated() throws {
        let whole = gzip(Array((0..<5000).flatMap { "\($0),".utf8 }))
        let server = ScriptedServer([.send(gzipAnswer(Array(whole[..<(whole.count / 2)]), declaredLength: whole.count))])
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .truncated)
    }

    @Test(arguments: [1, 2, 9, 12, 5000])
    func gzipStreamThatLacksItsEndIsTruncatedAlthoughTheLengthIsRight(missing: Int) throws {
        let whole = gzip(Array((0..<5000).flatMap { "\($0),".utf8 }))
        let server = ScriptedServer([.send(gzipAnswer(Array(whole.dropLast(missing))))])
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .truncated)
    }

    @Test func gzipBodyWithAWrongChecksumIsAnInvalidResponse() throws {
        var bytes = gzip(Array("[1,2,3]".utf8))
        bytes[bytes.count - 8] ^= 1
        let server = ScriptedServer([.send(gzipAnswer(bytes))])
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .invalidResponse)
    }

    @Test func encodingThatWasNotAskedForIsAnInvalidResponse() throws {
        let server = ScriptedServer(answer: answer(headers: ["Content-Encoding: br"], body: "x"))
        defer { server.stop() }
        let error = try #require(failure(of: request(server.url)))
        #expect(error.kind == .invalidResponse)
        #expect(error.message.contains("br"))
    }

    @Test func bytesThatAreNotGzipAreAnInvalidResponse() throws {
        let server = ScriptedServer([.send(gzipAnswer(Array("plain text, whatever the headers say".utf8)))])
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .invalidResponse)
    }

    @Test(arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "220 mail ESMTP\r\n"])
    func serverOfAnotherProtocolIsAnInvalidResponse(bytes: String) throws {
        let server = ScriptedServer(answer: bytes)
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .invalidResponse)
    }

    @Test func connectionClosedWithoutAnAnswerIsANetworkError() throws {
        let server = ScriptedServer(answer: "")
        defer { server.stop() }
        #expect(try #require(failure(of: request(server.url))).kind == .network)
    }
}
