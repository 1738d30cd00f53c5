import MarketData
import TestSupport
import Testing
import Transfer

@testable import Ingest
@testable import TickerStore

/// Pages that say what they said before are counted, not parsed (spec section 6, incremental).
@Suite struct UnchangedPageTests {
    private static let notModified: Script = [.send(Array("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".utf8))]

    private static func play(_ server: ScriptedServer, _ pages: Int...) {
        server.play(all: pages.map { HTTPWalkTests.page($0) }.map { .answer(body: $0) } + [.answer(body: "[]")])
    }

    /// What was asked for since the first so many requests, with the validators.
    private static func asked(_ server: ScriptedServer, since first: Int) -> [String] {
        server.requests.dropFirst(first).map { head in
            let lines = head.split(separator: "\r\n")
            let validators = lines.filter { $0.hasPrefix("If-") }.joined(separator: " ")
            return "\(lines[0].split(separator: " ")[1]) \(validators)"
        }
    }

    private static func isRemembered(_ bench: Workbench) throws -> [String] {
        try bench.restart()
        return bench.store.openingState.map(\.key).filter { $0.hasPrefix("page-memory/") }
    }

    @Test(arguments: [true, false]) func theSamePagesAreCountedAndNotParsed(isRestarted: Bool) async throws {
        let server = ScriptedServer()
        defer { server.stop() }
        Self.play(server, 1, 2, 3)
        let bench = try Workbench(sources: [HTTPWalkTests.source(server)])
        #expect(try await bench.run().inserted == 6)
        if isRestarted { try bench.restart() }
        Self.play(server, 1, 2, 3)
        let run = try await bench.run()
        #expect(run.status == .success && run.outcomes["api"] == .loaded && run.errors.isEmpty, "\(run)")
        #expect(run.extracted == 0 && run.batchCount == 0 && run.remembered == 6 && run.skipped == 6, "\(run)")
        #expect(run.rememberedBySource.values.reduce(0, +) == 6, "\(run.rememberedBySource)")
        #expect(HTTPWalkTests.targets(server).suffix(4) == (1...4).map { "/coins?page=\($0)" })
    }

    @Test func aPageThatChangedIsReadAndTheOthersAreNot() async throws {
        let server = ScriptedServer()
        defer { server.stop() }
        Self.play(server, 1, 2, 3)
        let bench = try Workbench(sources: [HTTPWalkTests.source(server)])
        _ = try await bench.run()
        Self.play(server, 1, 7, 3)
        let run = try await bench.run()
        #expect(run.inserted == 2 && run.remembered == 4 && run.batches.map(\.rows) == [2], "\(run)")
        Self.play(server, 1, 7, 3)
        #expect(try await bench.run().remembered == 6, "what was read instead is remembered instead")
    }

    @Test func anEntityTagIsSentBackAndTheWalkGoesOnWithTheKnownCursor() async throws {
        let server = ScriptedServer(answers: [
            .answer("200 OK", ["ETag: \"one\""], body: #"{"data":\#(HTTPWalkTests.page(1)),"next":"c2"}"#),
            .answer("200 OK", ["ETag: W/\"two\""], body: #"{"data":\#(HTTPWalkTests.page(2)),"next":null}"#),
            Self.notModified, Self.notModified,
        ])
        defer { server.stop() }
        let source = HTTPWalkTests.source(server, .cursor(pointer: "/next"), query: [NamedText("c", "{cursor}")], records: "/data")
        let bench = try Workbench(sources: [source])
        _ = try await bench.run()
        try bench.restart()
        let run = try await bench.run()
        #expect(run.status == .success && run.remembered == 4 && run.extracted == 0, "\(run)")
        #expect(Self.asked(server, since: 2) == ["/coins If-None-Match: \"one\"", "/coins?c=c2 If-None-Match: W/\"two\""])
    }

    @Test func aLinkThatIsNotRepeatedIsKnown() async throws {
        let server = ScriptedServer(answers: [
            .answer("200 OK", ["ETag: \"one\"", "Link: </coins?p=2>; rel=next"], body: HTTPWalkTests.page(1)),
            .answer("200 OK", ["ETag: \"two\""], body: HTTPWalkTests.page(2)), Self.notModified, Self.notModified,
        ])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server, .linkHeader, query: [])])
        _ = try await bench.run()
        let run = try await bench.run()
        #expect(run.status == .success && run.remembered == 4, "\(run)")
        #expect(Self.asked(server, since: 2) == ["/coins If-None-Match: \"one\"", "/coins?p=2 If-None-Match: \"two\""])
    }

    @Test func aNextURLInsideThePageIsKnown() async throws {
        let pages: [Script] = [
            .answer(body: #"{"data":\#(HTTPWalkTests.page(1)),"next":"?p=2"}"#), .answer(body: #"{"data":\#(HTTPWalkTests.page(2))}"#),
        ]
        let server = ScriptedServer(answers: pages + pages)
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server, .nextURL(pointer: "/next"), query: [], records: "/data")])
        _ = try await bench.run()
        let run = try await bench.run()
        #expect(run.status == .success && run.remembered == 4 && HTTPWalkTests.targets(server)[3] == "/coins?p=2", "\(run)")
    }

    @Test func aPageOfOnlyBadRecordsFailsEachTime() async throws {
        let server = ScriptedServer(answers: [.answer(body: #"[{"id":"a"},{"id":"b"}]"#)])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server, .none, query: [])])
        #expect(try await bench.run().quarantined == 2)
        let run = try await bench.run()
        #expect(run.status == .failed && run.errors.map(\.type) == [.data] && run.remembered == 2 && run.extracted == 0, "\(run)")
    }

    @Test func recordsInQuarantineKeepWaiting() async throws {
        let server = ScriptedServer(answers: [.answer(body: "[\(HTTPWalkTests.coin("a")),{}]")])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server, .none, query: [])])
        #expect(try await bench.run().quarantined == 1)
        let run = try await bench.run()
        #expect(run.status == .success && run.remembered == 2 && run.quarantined == 0, "\(run)")
        #expect(bench.store.snapshot().counts.quarantined == 1)
    }

    @Test func anotherDefinitionReadsTheSamePageAnew() async throws {
        let server = ScriptedServer(answers: [.answer("200 OK", ["ETag: \"one\""], body: HTTPWalkTests.page(1))])
        defer { server.stop() }
        var source = HTTPWalkTests.source(server, .none, query: [])
        let bench = try Workbench(sources: [source])
        _ = try await bench.run()
        if case .http(var http) = source.kind {
            http.fields[.volume] = "/total_volume"
            source.kind = .http(http)
        }
        bench.sources = [source]
        try bench.restart()
        let run = try await bench.run()
        #expect(run.extracted == 2 && run.remembered == 0 && Self.asked(server, since: 1) == ["/coins "], "\(run)")
    }

    @Test func anotherMappingReadsTheSamePageAnew() {
        let pages = RememberedPages([])
        let first = SourcePages(source: "api", definition: "d", pages: pages) { _ in "1" }
        first.taken(RememberedPage(number: 0, url: "u", digest: "x"), records: 1, hasRows: true).committed()
        #expect(first.known(0, url: "u")?.records == 1)
        #expect(SourcePages(source: "api", definition: "d", pages: pages) { _ in "2" }.known(0, url: "u") == nil)
        #expect(first.known(0, url: "other") == nil && first.known(1, url: "u") == nil)
    }

    @Test func anotherURLIsAskedPlainly() async throws {
        let server = ScriptedServer(answers: [.answer("200 OK", ["ETag: \"one\""], body: HTTPWalkTests.page(1))])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server, .none, query: [NamedText("from", "{since}")])])
        for _ in 0..<3 { _ = try await bench.run() }
        let since = "/coins?from=2025-11-03T08%3A41%3A52.123Z"
        #expect(Self.asked(server, since: 1) == ["\(since) ", "\(since) If-None-Match: \"one\""])
    }

    @Test func aPageAfterWhichTheWalkFailsIsReadAgain() async throws {
        let server = ScriptedServer(answers: [.answer("200 OK", ["Link: <http://127.0.0.1:1/x>; rel=next"], body: HTTPWalkTests.page(1))])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server, .linkHeader, query: [])])
        for _ in 0..<2 {
            let run = try await bench.run()
            #expect(run.status == .partialSuccess && run.extracted == 2 && run.remembered == 0 && run.errors.map(\.type) == [.shape], "\(run)")
        }
    }

    @Test func theSamePageForEverIsAnErrorEachTime() async throws {
        let server = ScriptedServer(answers: [.answer(body: HTTPWalkTests.page(1))])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server)])
        _ = try await bench.run()
        let run = try await bench.run()
        #expect(run.status == .partialSuccess && run.remembered == 2 && run.errors.map(\.type) == [.shape], "\(run)")
    }

    @Test func aPageIsRememberedWithItsLastBatchAndNotBefore() async throws {
        let coins = (0..<6_000).map { HTTPWalkTests.coin("c\($0)") }.joined(separator: ",")
        let server = ScriptedServer(answers: [.answer(body: "[\(coins)]")])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server, .none, query: [])])
        _ = try await bench.run()
        let commits = bench.history(of: 4).map { payload in payload.withUnsafeBytes { try! StatePayload.decode($0) }.map(\.key) }
        let found = commits.filter { $0.contains("page-memory/api/0") }
        #expect(found.count == 1 && found[0].contains { $0.hasSuffix("/batch/00000002") }, "\(commits)")
    }

    @Test func aPlaceThatHoldsASecretIsNotWrittenDown() async throws {
        let secret = "hunter2hunter2"
        let server = ScriptedServer(answers: [
            .answer("200 OK", ["ETag: \"\(secret)\""], body: #"{"data":\#(HTTPWalkTests.page(1)),"next":"\#(secret)"}"#),
            .answer("200 OK", ["ETag: \"\(secret)\""], body: #"{"data":\#(HTTPWalkTests.page(2)),"next":null}"#),
        ])
        defer { server.stop() }
        let source = HTTPWalkTests.source(server, .cursor(pointer: "/next"), query: [NamedText("c", "{cursor}")], records: "/data")
        let bench = try Workbench(sources: [source])
        bench.environment.secrets = Secrets([secret])
        try bench.restart()
        #expect(try await bench.run().inserted == 4)
        #expect(try Self.isRemembered(bench) == ["page-memory/api/1"])
        for (key, value) in bench.store.openingState {
            let text = String(decoding: value, as: UTF8.self)
            #expect(!text.contains(secret) && !text.contains("/coins?"), "\(key): \(text)")
        }
    }

    @Test func aPreviewIsAnsweredInFull() async throws {
        let server = ScriptedServer(answers: [.answer("200 OK", ["ETag: \"one\""], body: HTTPWalkTests.page(1))])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server, .none, query: [])])
        _ = try await bench.run()
        #expect(try bench.runs.preview(source: "api").good == 2)
        #expect(Self.asked(server, since: 1) == ["/coins "])
        #expect(try await bench.run().remembered == 2)
    }

    @Test func aWalkThatEndsEarlierForgetsThePagesBehind() async throws {
        let server = ScriptedServer()
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server)])
        Self.play(server, 1, 2, 3)
        _ = try await bench.run()
        Self.play(server, 1)
        _ = try await bench.run()
        #expect(try Self.isRemembered(bench) == ["page-memory/api/0"])
        bench.sources = [try Workbench().sources[0]]
        try bench.restart()
        _ = try await bench.run()
        #expect(try Self.isRemembered(bench).isEmpty, "pages of a source that is no more")
    }

    @Test func aStoppedWalkGoesOnOverUnchangedPages() async throws {
        let server = ScriptedServer()
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server)])
        Self.play(server, 1, 2, 3)
        _ = try await bench.run()
        let asked = server.requests.count
        server.play(all: [.answer(body: HTTPWalkTests.page(9)), [.hang]])
        let ticket = try bench.runs.refresh(trigger: "manual", source: nil)
        while server.requests.count < asked + 2 || bench.runs.recentRun(id: ticket.runID)?.batchCount != 1 { await Task.yield() }
        await bench.runs.drain(atMost: 20)
        Self.play(server, 2, 3)
        try bench.restart()
        let run = try await bench.run()
        #expect(run.resumeFrom?.runID == ticket.runID && run.status == .success && run.remembered == 4 && run.extracted == 0, "\(run)")
        #expect(HTTPWalkTests.targets(server).suffix(3) == ["/coins?page=2", "/coins?page=3", "/coins?page=4"])
        #expect(try Self.isRemembered(bench).count == 3)
    }

    @Test(arguments: [true, false]) func anUnchangedFeedIsNotParsed(isTagged: Bool) async throws {
        let answer = Script.answer("200 OK", type: "text/xml", isTagged ? ["ETag: \"one\""] : [], body: FeedLoaderTests.rss(FeedLoaderTests.item()))
        let server = ScriptedServer(answers: [answer, isTagged ? Self.notModified : answer])
        defer { server.stop() }
        var source = FeedLoaderTests.prices
        source.upstream.url = server.url + "/rss"
        let bench = try Workbench(sources: [SourceDefinition(name: "feed", kind: .feed(source))])
        #expect(try await bench.run().inserted == 1)
        try bench.restart()
        let run = try await bench.run()
        #expect(run.status == .success && run.remembered == 1 && run.extracted == 0, "\(run)")
        #expect(Self.asked(server, since: 1) == ["/rss \(isTagged ? "If-None-Match: \"one\"" : "")"])
        #expect(bench.runs.sources()[0].limits?.circuit == "closed")
    }

    @Test func aFeedThatIsCutIsReadAgain() async throws {
        let server = ScriptedServer(answers: [.answer(type: "text/xml", body: String(FeedLoaderTests.rss(FeedLoaderTests.item()).dropLast(10)))])
        defer { server.stop() }
        var source = FeedLoaderTests.prices
        source.upstream.url = server.url
        let bench = try Workbench(sources: [SourceDefinition(name: "feed", kind: .feed(source))])
        for _ in 0..<2 {
            let run = try await bench.run()
            #expect(run.status == .partialSuccess && run.extracted == 1 && run.remembered == 0 && run.errors.map(\.type) == [.parse], "\(run)")
        }
    }

    @Test func aTimeThatIsTooFreshIsNoValidator() {
        func validators(_ headers: (name: String, value: String)...) -> [String] {
            var page = RememberedPage(number: 0, url: "u", digest: "d")
            page.takeValidators(of: FetchResponse(status: 200, headers: headers, body: [], finalURL: "u", duration: .zero), Secrets())
            return page.validators.map { "\($0.name) \($0.value)" }
        }
        let modified = "Mon, 03 Nov 2025 08:40:00 GMT"
        #expect(
            validators(("Last-Modified", modified), ("Date", "Mon, 03 Nov 2025 08:41:00 GMT")) == ["If-Modified-Since \(modified)"]
        )
        #expect(validators(("Last-Modified", modified), ("Date", "Mon, 03 Nov 2025 08:40:59 GMT")).isEmpty)
        #expect(validators(("Last-Modified", modified)).isEmpty, "by whose clock?")
        #expect(validators(("ETag", "\"a\""), ("Last-Modified", modified)) == ["If-None-Match \"a\""])
        #expect(validators(("ETag", "\"\u{E4}\"")).isEmpty)
    }

    @Test func aPageOfWhichNothingCouldBeReadSaysEachTimeWhereTheReasonIs() async throws {
        let server = ScriptedServer()
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server, .none, query: [])])
        let page = #"[{"id":"a","symbol":"a","last_updated":"2025-11-03T08:41:52Z"}]"#
        server.play(all: [.answer(body: page), .answer(body: page)])
        let first = try await bench.run()
        #expect(first.errors.contains { $0.message.contains("price_usd") }, "\(first.errors)")
        let second = try await bench.run()
        #expect(second.errors.contains { $0.message.contains("kasparro quarantine list --source api") }, "\(second.errors)")
    }
}
