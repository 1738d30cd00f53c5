import MarketData
import Synchronization
import TestSupport
import Testing
import Transfer

@testable import Ingest
@testable import TickerStore

/// Runs over an API in pages, with a server that plays it.
@Suite struct HTTPWalkTests {
    static func source(
        _ server: ScriptedServer,
        _ pagination: Pagination = .page(first: 1),
        query: [NamedText] = [NamedText("page", "{page}")],
        pages: Int = 10,
        limit: Int? = nil,
        records: String = "",
        allowsEmpty: Bool = false
    ) -> SourceDefinition {
        var upstream = Upstream(url: server.url + "/coins", query: query, userAgent: "test", quota: Quota(perMinute: 1_000))
        // A server that hangs is stopped by the test, however long the test has to wait for a processor.
        upstream.limits.totalTimeout = .seconds(3_600)
        upstream.limits.lowSpeedTime = .seconds(3_600)
        let source = HTTPSource(
            upstream: upstream,
            pagination: pagination,
            maximumPages: pages,
            pageLimit: limit,
            records: records,
            fields: [.symbol: "/symbol", .sourceID: "/id", .price: "/current_price", .timestamp: "/last_updated"],
            allowsEmpty: allowsEmpty
        )
        return SourceDefinition(name: "api", kind: .http(source))
    }

    /// A coin as CoinGecko writes it.
    static func coin(_ id: String) -> String {
        #"{"id":"\#(id)","symbol":"\#(id)","current_price":1.50,"last_updated":"2025-11-03T08:41:52.123Z"}"#
    }

    /// The page with this number: two coins of its own.
    static func page(_ number: Int) -> String { "[\(coin("a\(number)")),\(coin("b\(number)"))]" }

    static func answer(_ body: String, _ headers: String...) -> ScriptedServer.Step { answer(body, headers: headers) }

    static func answer(_ body: String, headers: [String]) -> ScriptedServer.Step {
        let head = ["HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
        return .send(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    /// What was asked for, without the rest of the requests.
    static func targets(_ server: ScriptedServer) -> [String] {
        server.requests.map { String($0.split(separator: " ")[1]) }
    }

    @Test func fivePagesAreAskedForUntilOneIsEmpty() async throws {
        let server = ScriptedServer(
            [Self.answer(Self.page(1))],
            [Self.answer(Self.page(2))],
            [Self.answer(Self.page(3))],
            [Self.answer(Self.page(4))],
            [Self.answer("[]")]
        )
        defer { server.stop() }
        let bench = try Workbench(sources: [Self.source(server)])
        let run = try await bench.run()
        #expect(run.status == .success && run.inserted == 8 && run.batches.map(\.rows) == [2, 2, 2, 2] && run.errors.isEmpty, "\(run)")
        #expect(Self.targets(server) == (1...5).map { "/coins?page=\($0)" })
        try bench.restart()
        #expect(!bench.store.openingState.contains { $0.key.hasPrefix("page/") || $0.key.hasPrefix("run/") }, "a checkpoint outlived its walk")
    }

    @Test func thereAreNoMorePagesThanMayBe() async throws {
        let server = ScriptedServer([Self.answer(Self.page(1))], [Self.answer(Self.page(2))], [Self.answer(Self.page(3))])
        defer { server.stop() }
        let run = try await Workbench(sources: [Self.source(server, pages: 2)]).run()
        #expect(run.status == .success && run.inserted == 4 && Self.targets(server).count == 2, "\(run)")
    }

    @Test func theSamePageForEverIsAnErrorAndItsRowsStay() async throws {
        let server = ScriptedServer([Self.answer(Self.page(1))])
        defer { server.stop() }
        let run = try await Workbench(sources: [Self.source(server)]).run()
        #expect(run.status == .partialSuccess && run.inserted == 2 && run.errors.map(\.type) == [.shape], "\(run)")
        #expect(Self.targets(server).count == 2 && run.errors[0].message.contains("{page}"), "\(run.errors)")
    }

    @Test(arguments: ["<html>", #"{"error":"slow down"}"#, #"[{"id":"#])
    func anUnreadablePageEndsTheWalkAndTheRowsBeforeItStay(body: String) async throws {
        let server = ScriptedServer([Self.answer(Self.page(1))], [Self.answer(body)], [Self.answer(Self.page(3))])
        defer { server.stop() }
        let bench = try Workbench(sources: [Self.source(server)])
        let run = try await bench.run()
        #expect(run.status == .partialSuccess && run.inserted == 2 && run.errors.count == 1 && Self.targets(server).count == 2, "\(run)")
        #expect(try await bench.run().resumeFrom == nil, "after an ordinary failure a walk begins at its first page")
        #expect(Self.targets(server).count == 4 || Self.targets(server)[2] == "/coins?page=1", "\(Self.targets(server))")
    }

    @Test func aPageOfOnlyBadRecordsIsNotTheEnd() async throws {
        let server = ScriptedServer([Self.answer(Self.page(1))], [Self.answer("[{}]")], [Self.answer(Self.page(3))], [Self.answer("[]")])
        defer { server.stop() }
        let run = try await Workbench(sources: [Self.source(server)]).run()
        #expect(run.status == .partialSuccess && run.inserted == 4 && run.quarantined == 1 && run.errors.map(\.type) == [.data], "\(run)")
    }

    @Test(arguments: [true, false])
    func anEmptyFirstPageIsAnErrorUnlessItMayBe(allowsEmpty: Bool) async throws {
        let server = ScriptedServer([Self.answer("[]")])
        defer { server.stop() }
        let run = try await Workbench(sources: [Self.source(server, allowsEmpty: allowsEmpty)]).run()
        #expect(run.status == (allowsEmpty ? .success : .failed) && run.errors.map(\.type) == (allowsEmpty ? [] : [.shape]), "\(run)")
    }

    @Test func offsetsGoOnWhereThePageEnded() async throws {
        let server = ScriptedServer([Self.answer(Self.page(1))], [Self.answer("[\(Self.coin("c"))]")])
        defer { server.stop() }
        let query = [NamedText("offset", "{offset}"), NamedText("limit", "{limit}")]
        let run = try await Workbench(sources: [Self.source(server, .offset, query: query, limit: 2)]).run()
        #expect(run.status == .success && run.inserted == 3)
        #expect(Self.targets(server) == ["/coins?offset=0&limit=2", "/coins?offset=2&limit=2"])
    }

    @Test func cursorsAreSentAsTheyCame() async throws {
        let server = ScriptedServer(
            [Self.answer(#"{"data":\#(Self.page(1)),"meta":{"next":"a/b=&"}}"#)],
            [Self.answer(#"{"data":\#(Self.page(2).dropLast()),NaN],"meta":{"next":17}}"#)],
            [Self.answer(#"{"data":\#(Self.page(3)),"meta":{"next":null}}"#)]
        )
        defer { server.stop() }
        let source = Self.source(server, .cursor(pointer: "/meta/next"), query: [NamedText("c", "{cursor}")], records: "/data")
        let run = try await Workbench(sources: [source]).run()
        #expect(run.status == .success && run.inserted == 6 && run.quarantined == 1, "\(run)")
        #expect(Self.targets(server) == ["/coins", "/coins?c=a%2Fb%3D%26", "/coins?c=17"])
    }

    @Test func linksAreFollowedOnTheOriginOnly() async throws {
        let other = ScriptedServer([Self.answer(Self.page(9))])
        let server = ScriptedServer(
            [Self.answer(Self.page(1), #"Link: </coins?p=1>; rel="first", </coins?p=2>; rel="next""#)],
            [Self.answer(Self.page(2), "Link: <\(other.url)/coins?p=3>; rel=next")]
        )
        defer {
            server.stop()
            other.stop()
        }
        let run = try await Workbench(sources: [Self.source(server, .linkHeader, query: [])]).run()
        #expect(run.status == .partialSuccess && run.inserted == 4 && run.errors.map(\.type) == [.shape], "\(run)")
        #expect(Self.targets(server) == ["/coins", "/coins?p=2"] && other.requests.isEmpty, "the other host was asked")
    }

    @Test func nextURLsThatGoRoundAreAnError() async throws {
        let server = ScriptedServer(
            [Self.answer(#"{"data":\#(Self.page(1)),"next":"/coins?p=2"}"#)],
            [Self.answer(#"{"data":\#(Self.page(2)),"next":"/coins?p=3"}"#)],
            [Self.answer(#"{"data":\#(Self.page(3)),"next":"/coins?p=2"}"#)]
        )
        defer { server.stop() }
        let run = try await Workbench(sources: [Self.source(server, .nextURL(pointer: "/next"), query: [], records: "/data")]).run()
        #expect(run.status == .partialSuccess && run.inserted == 6 && run.errors.map(\.type) == [.shape], "\(run)")
        #expect(Self.targets(server) == ["/coins", "/coins?p=2", "/coins?p=3"])
    }

    @Test func sinceIsTheNewestStoredTime() async throws {
        let server = ScriptedServer([Self.answer(Self.page(1))])
        defer { server.stop() }
        let bench = try Workbench(sources: [Self.source(server, .none, query: [NamedText("from", "{since}")])])
        for _ in 0..<2 { _ = try await bench.run() }
        #expect(Self.targets(server) == ["/coins?from=2009-01-01T00%3A00%3A00Z", "/coins?from=2025-11-03T08%3A41%3A52.123Z"])
    }

    @Test func pagesAndFilesOfOneRunAreBothLoaded() async throws {
        let server = ScriptedServer([Self.answer(Self.page(1))], [Self.answer(Self.page(2))], [Self.answer("[]")])
        defer { server.stop() }
        let bench = try Workbench()
        bench.sources.append(Self.source(server))
        try bench.restart()
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + (0..<5_000).map { "S\($0),1,2024-12-15\n" }.joined())
        let run = try await bench.run()
        #expect(run.status == .success && run.inserted == 5_004, "\(run)")
        #expect(run.batches.map(\.number) == Array(1...run.batches.count) && run.endedSources.sorted() == ["api", "csv"])
    }
}

/// Walks that go on after a kill (spec section 6).
@Suite struct HTTPResumeTests {
    /// A whole walk over three pages, and a second bench that has what the first had after two of them.
    private static func killed(_ server: ScriptedServer, change: (inout HTTPSource) -> Void = { _ in }) async throws -> (Workbench, RunRecord) {
        server.play(
            [HTTPWalkTests.answer(HTTPWalkTests.page(1))],
            [HTTPWalkTests.answer(HTTPWalkTests.page(2))],
            [HTTPWalkTests.answer(HTTPWalkTests.page(3))],
            [HTTPWalkTests.answer("[]")],
            [HTTPWalkTests.answer(HTTPWalkTests.page(3))],
            [HTTPWalkTests.answer("[]")]
        )
        let source = HTTPWalkTests.source(server)
        let first = try Workbench(sources: [source])
        let run = try await first.run()
        #expect(run.batches.count == 3, "\(run)")
        guard case .http(var http) = source.kind else { fatalError("it is an http source") }
        change(&http)
        let second = try Workbench(sources: [SourceDefinition(name: "api", kind: .http(http))])
        second.clock.advance(first.clock.wall - second.clock.wall)
        try second.adopt(first, batches: 2, of: run, key: "page/")
        return (second, run)
    }

    @Test func aKilledWalkGoesOnAtItsNextPage() async throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        let (bench, killed) = try await Self.killed(server)
        let closed = try #require(try bench.runs.run(id: killed.runID))
        #expect(closed.failedBatches.map(\.number) == [3] && closed.failedBatches[0].source == "api", "\(closed)")
        let run = try await bench.run()
        #expect(run.resumeFrom == .init(batch: 3, runID: killed.runID, source: "api", sources: ["api"]), "\(run)")
        #expect(run.batches.map(\.number) == [3] && run.inserted == 2 && run.status == .success, "\(run)")
        #expect(HTTPWalkTests.targets(server).suffix(2) == ["/coins?page=3", "/coins?page=4"])
        #expect(try await bench.run().resumeFrom == nil)
    }

    @Test func afterSixteenMinutesItBeginsAnew() async throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        let (bench, _) = try await Self.killed(server)
        bench.clock.advance(16 * 60_000)
        let run = try await bench.run()
        #expect(run.resumeFrom == nil && HTTPWalkTests.targets(server)[4] == "/coins?page=1", "\(run) \(HTTPWalkTests.targets(server))")
    }

    @Test func theNextStartGoesOnAtOnceAlthoughTheSourceWasJustAsked() async throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        let (bench, _) = try await Self.killed(server) { _ in }
        let ticket = try #require(try bench.runs.refreshAtStart(intervalMilliseconds: 3_600_000), "the walk waits for somebody to ask")
        #expect(await bench.runs.wait(for: ticket.runID, atMost: 60) == "success")
        #expect(bench.runs.recentRun(id: ticket.runID)?.resumeFrom != nil)
        #expect(try bench.runs.refreshAtStart(intervalMilliseconds: 3_600_000) == nil, "a source that was just asked is asked again")
    }

    @Test func anotherDefinitionBeginsAnew() async throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        let (bench, _) = try await Self.killed(server) { $0.fields[.volume] = "/total_volume" }
        let run = try await bench.run()
        #expect(run.resumeFrom == nil && HTTPWalkTests.targets(server)[4] == "/coins?page=1", "\(run) \(HTTPWalkTests.targets(server))")
    }

    @Test func theWholeWalkHasNoMorePagesThanMayBe() async throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        let (bench, _) = try await Self.killed(server) { $0.maximumPages = 3 }
        #expect(try await bench.run().status == .success)
        #expect(HTTPWalkTests.targets(server).suffix(1) == ["/coins?page=3"])
    }

    @Test func aWalkThatIsKilledTwiceGoesOnTwice() async throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        let (bench, killed) = try await Self.killed(server)
        // The second kill comes right behind the start: all that is on disk is what `RunService` writes then.
        var second = killed
        (second.sequence, second.runID) = (killed.sequence + 1, "etl_20260101_000100_second")
        second.resumeFrom = .init(batch: 3, runID: killed.runID, source: "api", sources: ["api"])
        let known = try #require(bench.store.openingState.first { $0.key == "page/api" }.flatMap { PageCheckpoint(decoding: $0.value) })
        var start = Batch(origin: BatchOrigin(runID: second.runID, number: 0, source: "", fetchedAt: .earliest))
        var checkpoint = known
        checkpoint.runID = second.runID
        let changes = [RunState.start(second), checkpoint.change(of: "api")]
        start.state = { _ in changes }
        _ = try bench.store.commit(start)
        try bench.restart()
        let run = try await bench.run()
        #expect(run.resumeFrom?.batch == 3 && run.resumeFrom?.runID == second.runID, "\(run)")
        #expect(HTTPWalkTests.targets(server)[4] == "/coins?page=3")
    }

    @Test func aStoppedWalkGoesOn() async throws {
        let server = ScriptedServer([HTTPWalkTests.answer(HTTPWalkTests.page(1))], [.hang])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server)])
        let ticket = try bench.runs.refresh(trigger: "manual", source: nil)
        while server.requests.count < 2 || bench.runs.recentRun(id: ticket.runID)?.batchCount != 1 { await Task.yield() }
        await bench.runs.drain(atMost: 20)
        let stopped = try #require(bench.runs.recentRun(id: ticket.runID))
        #expect(stopped.status == .failed && stopped.errors.map(\.type) == [.interrupted], "\(stopped)")
        server.play([HTTPWalkTests.answer(HTTPWalkTests.page(2))], [HTTPWalkTests.answer("[]")])
        try bench.restart()
        let run = try await bench.run()
        #expect(run.resumeFrom == .init(batch: 2, runID: stopped.runID, source: "api", sources: ["api"]), "\(run)")
        #expect(run.inserted == 2 && HTTPWalkTests.targets(server).suffix(2) == ["/coins?page=2", "/coins?page=3"])
    }

    @Test func onlyWhatWasNotDoneGoesOn() async throws {
        let bench = try Workbench()
        bench.sources.append(RunTests.dead)
        var record = RunRecord(
            sequence: 7,
            runID: "etl_20260101_000000_killed",
            trigger: "manual",
            source: "all",
            sources: ["csv", "coinpaprika"],
            startedAt: Timestamp(milliseconds: bench.clock.wall),
            preRunCounts: RunCounts(raw: 0, normalized: 0)
        )
        record.append(.init(number: 1, source: "csv", rows: 10, inserted: 10))
        var start = Batch(origin: BatchOrigin(runID: record.runID, number: 0, source: "", fetchedAt: .earliest))
        let changes = [RunState.start(record), RunState.batch(record.batches[0], sequence: 7), RunState.ended("csv", sequence: 7)]
        start.state = { _ in changes }
        _ = try bench.store.commit(start)
        try bench.restart()
        #expect(try bench.runs.run(id: record.runID)?.failedBatches.map(\.source) == ["coinpaprika"])
        let run = try await bench.run()
        #expect(run.resumeFrom == .init(batch: 2, runID: record.runID, source: "coinpaprika", sources: ["coinpaprika"]), "\(run)")
    }

    @Test func theEarlierBatchesOfAPageRememberItsStart() async throws {
        let coins = (0..<6_000).map { HTTPWalkTests.coin("c\($0)") }.joined(separator: ",")
        let server = ScriptedServer([HTTPWalkTests.answer(HTTPWalkTests.page(1))], [HTTPWalkTests.answer("[\(coins)]")], [HTTPWalkTests.answer("[]")])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server)])
        let run = try await bench.run()
        #expect(run.batches.map(\.rows) == [2, 5_000, 1_000], "\(run)")
        let kept = bench.history.filter { $0.key == "page/api" }.map { $0.value.flatMap { PageCheckpoint(decoding: $0) }?.start }
        #expect(kept == [.page(2), .page(2), .page(3), nil], "\(kept)")
    }
}
