import MarketData
import TestSupport
import Testing

@testable import Ingest
@testable import TickerStore

/// The fault switch inside the process; what kills it is tested on the binary.
@Suite struct FaultSwitchTests {
    private static func file(rows: Int) -> String { "symbol,price_usd,timestamp\n" + (0..<rows).map { "S\($0),1,2024-12-15\n" }.joined() }

    private static func bench(_ fault: String, sources: [SourceDefinition]? = nil) throws -> Workbench {
        let bench = try Workbench(sources: sources)
        bench.environment.fault = FaultSwitch(try #require(FaultPoint(fault)))
        try bench.restart()
        return bench
    }

    @Test(arguments: ["crash@batch:2", "crash@commit:1", "error@batch:17", "slow@batch:2"]) func aFormIsUnderstood(text: String) {
        #expect(FaultPoint(text)?.description == text)
    }

    @Test(arguments: [
        "", "crash", "crash@batch", "crash@batch:", "crash@batch:0", "crash@batch:-1", "crash@batch:+1", "crash@batch:1:2", "x@batch:1",
    ])
    func whatIsNoFormIsRefused(text: String) {
        #expect(FaultPoint(text) == nil)
    }

    @Test func aCrashIsDueWhenHalfTheRowsAreBuiltOrNoMoreCome() throws {
        let point = try #require(FaultPoint("crash@batch:2"))
        #expect(point.effect(onBatch: 1, built: 1_000, of: 1_000, isComplete: true) == nil)
        #expect(point.effect(onBatch: 2, built: 499, of: 1_000, isComplete: false) == nil)
        #expect(point.effect(onBatch: 2, built: 500, of: 1_000, isComplete: false) == .crash)
        #expect(point.effect(onBatch: 2, built: 0, of: 0, isComplete: false) == nil, "nothing is built yet")
        #expect(point.effect(onBatch: 2, built: 0, of: 1_000, isComplete: true) == .crash)
    }

    @Test func aBatchThatFailsEndsItsSourceAndTheNextRunGoesOn() async throws {
        let bench = try Self.bench("error@batch:2")
        try bench.put("a.csv", Self.file(rows: 3_500))
        try bench.put("b.csv", "symbol,price_usd,timestamp\nB,1,2024-12-15\n")
        let failed = try await bench.run()
        #expect(failed.status == .failed && failed.outcomes["csv"] == .failed && failed.inserted == 1_000, "\(failed)")
        #expect(failed.failedBatches.map(\.number) == [2] && failed.failedBatches[0].source == "csv")
        #expect(failed.errors.map(\.type) == [.data] && failed.errors[0].message.contains("KASPARRO_FAULT=error@batch:2"), "\(failed.errors)")
        let next = try await bench.run()
        #expect(next.status == .success && next.resumeFrom == nil && next.inserted == 2_501, "\(next)")
        #expect(Set(try bench.lines()).count == 3_501)
    }

    @Test func theLastBatchOfAFileMayFail() async throws {
        let bench = try Self.bench("error@batch:3")
        try bench.put("a.csv", Self.file(rows: 2_000))
        let failed = try await bench.run()
        #expect(failed.status == .failed && failed.inserted == 2_000 && failed.failedBatches.map(\.number) == [3], "\(failed)")
        let next = try await bench.run()
        #expect(next.status == .success && next.inserted == 0 && next.extracted == 0, "\(next)")
    }

    @Test func otherSourcesGoOnWithTheNextNumber() async throws {
        let bench = try Self.bench("error@batch:2")
        bench.sources = ["a", "b"].map { name in
            SourceDefinition(name: name, kind: .csv(CSVSource(inbox: bench.path + "/inbox", pattern: name + ".csv")))
        }
        try bench.restart()
        try bench.put("a.csv", Self.file(rows: 2_000))
        try bench.put("b.csv", Self.file(rows: 10))
        let run = try await bench.run()
        #expect(run.status == .partialSuccess && run.failedBatches.map(\.source) == ["a"] && run.outcomes["b"] == .loaded, "\(run)")
        #expect(run.batches.map(\.number) == [1, 3] && run.inserted == 1_010)
        try bench.restart()
        #expect(try bench.runs.run(id: run.runID)?.inserted == 1_010)
    }

    @Test func theSumsInTheStateCountOnBehindABatchThatFailed() throws {
        let ledger = RunLedger(.begun(over: "csv"))
        _ = ledger.changes(with: .init(number: 1, source: "csv", rows: 10, inserted: 10))
        let changes = ledger.changes(with: .init(number: 3, source: "csv", rows: 5, inserted: 5))
        let totals = try #require(changes.first { $0.key == RunState.totalsKey(1) }?.value)
        #expect(try RunTotals.read(JSONDocument(parsing: totals).root)["csv"]?.inserted == 15)
    }

    @Test func aPageThatFailsEndsTheWalkAndTheNextRunBeginsAnew() async throws {
        let server = ScriptedServer()
        server.play(all: (1...3).map { .answer(body: HTTPWalkTests.page($0)) } + [.answer(body: "[]")])
        defer { server.stop() }
        let bench = try Self.bench("error@batch:2", sources: [HTTPWalkTests.source(server)])
        let failed = try await bench.run()
        #expect(failed.status == .partialSuccess && failed.inserted == 2 && failed.failedBatches.map(\.number) == [2], "\(failed)")
        #expect(failed.errors.map(\.type) == [.data], "\(failed.errors)")
        let asked = server.requests.count
        server.play(all: (1...3).map { .answer(body: HTTPWalkTests.page($0)) } + [.answer(body: "[]")])
        let next = try await bench.run()
        #expect(next.status == .success && next.inserted == 4 && next.resumeFrom == nil, "\(next)")
        #expect(HTTPWalkTests.targets(server)[asked] == "/coins?page=1")
        #expect(Set(try bench.lines()).count == 6)
    }

    @Test func aFeedThatFailsIsTakenByTheNextRun() async throws {
        let server = ScriptedServer(answers: [.answer(type: "text/xml", body: FeedLoaderTests.rss(FeedLoaderTests.item()))])
        defer { server.stop() }
        var source = FeedLoaderTests.prices
        source.upstream.url = server.url
        let bench = try Self.bench("error@batch:1", sources: [SourceDefinition(name: "feed", kind: .feed(source))])
        let failed = try await bench.run()
        #expect(failed.status == .failed && failed.failedBatches.map(\.number) == [1] && failed.errors.map(\.type) == [.data], "\(failed)")
        #expect(try await bench.run().inserted == 1)
    }

    @Test func thereIsAPauseBeforeASlowBatch() async throws {
        let bench = try Self.bench("slow@batch:1")
        try bench.put("a.csv", Self.file(rows: 10))
        let run = try await bench.run()
        #expect(run.status == .success && run.inserted == 10 && (run.durationMilliseconds ?? 0) >= FaultSwitch.pauseMilliseconds, "\(run)")
        try bench.put("b.csv", "symbol,price_usd,timestamp\nB,1,2024-12-15\n")
        #expect(try await bench.run().durationMilliseconds ?? 0 < FaultSwitch.pauseMilliseconds, "a fault strikes once")
    }

    @Test func whoOnlyLooksMeetsNoFault() throws {
        let bench = try Self.bench("error@batch:1")
        try bench.put("a.csv", Self.file(rows: 10))
        let report = Preview(of: bench.sources[0], environment: bench.environment).report()
        #expect(report.good == 10 && report.errors.isEmpty, "\(report)")
    }
}
