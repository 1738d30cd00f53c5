import MarketData
import Testing

@testable import Ingest
@testable import TickerStore

/// Quarantined records go through today's mapping and checks, and leave in the commit that stores their rows.
@Suite struct ReplayTests {
    private static let times = ["2024-12-15T14:30:00Z", "2024-12-16T14:30:00Z", "2024-12-17T14:30:00Z"]

    private static func waiting(_ bench: Workbench) throws -> [WaitingRecord] { try bench.store.snapshot().quarantined(limit: 1_000).records }

    private static func approve(_ bench: Workbench, _ source: String, _ field: String, _ target: String) throws {
        _ = try bench.runs.change(.init(action: .approve, source: source, field: field, target: target))
    }

    @Test func rowsThatWaitedForAnApprovalAreStoredOnce() async throws {
        let bench = try Workbench()
        let rows = Self.times.enumerated().map { "\"B,TC\",\($0.offset + 1).50,\($0.element)\n" }.joined()
        try bench.put("a.csv", "symbol,odd,timestamp\n" + rows)
        #expect(try await bench.run().quarantined == 3)
        try Self.approve(bench, "csv", "odd", "price_usd")
        let replay = try bench.runs.replay(ReplayRequest(source: "csv"))
        #expect(replay.status == .success && replay.inserted == 3 && replay.trigger == "replay", "\(replay)")
        #expect(replay.appliedMappings.map(\.from) == ["odd"])
        #expect(try Self.waiting(bench).isEmpty && bench.store.snapshot().counts.quarantined == 0)
        #expect(try bench.lines().count == 3 && bench.lines()[0].contains(#""symbol":"B,TC","name":"B,TC","price_usd":1.50"#))
        let raw = try bench.store.snapshot().rawRecord(
            of: SeriesKey(symbol: "B,TC", source: "csv", sourceID: "B,TC"),
            timestamp: Timestamp.parse(Self.times[0])
        )
        #expect(raw.map { String(decoding: $0.record, as: UTF8.self) } == #"{"symbol":"B,TC","odd":"1.50","timestamp":"2024-12-15T14:30:00Z"}"#)
        try Self.expectNothing(of: ReplayRequest(), bench)
        let run = try await bench.run()
        #expect(run.inserted == 0 && run.duplicates == 3 && run.quarantined == 0, "the file is read again, and all is there: \(run)")
    }

    @Test func whatStillCannotBeARowGoesOnWaitingAsItIs() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,odd,timestamp\n" + "BTC,1,\(Self.times[0])\n" + "ETH,soon,\(Self.times[0])\n" + "XRP,1\n")
        #expect(try await bench.run().quarantined == 3)
        try Self.approve(bench, "csv", "odd", "price_usd")
        let before = try Self.waiting(bench)
        let replay = try bench.runs.replay(ReplayRequest(source: "csv"))
        #expect(replay.inserted == 1 && replay.quarantined == 2 && replay.extracted == 3, "\(replay)")
        let after = try Self.waiting(bench)
        #expect(after.count == 2 && after.allSatisfy { before.contains($0) }, "\(after)")
    }

    /// A replay that means no record says so, and leaves no run behind.
    private static func expectNothing(of request: ReplayRequest, _ bench: Workbench) throws {
        let before = bench.runs.latestRunID
        do throws(RefreshError) {
            let run = try bench.runs.replay(request)
            Issue.record("\(run.runID) is a run about nothing")
        } catch {
            if case .nothingWaits = error { return #expect(bench.runs.latestRunID == before) }
            Issue.record("\(error)")
        }
    }

    @Test func onlyTheRecordsThatWereAskedForAreTried() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,odd,timestamp\n" + Self.times.map { "BTC,1,\($0)\n" }.joined())
        _ = try await bench.run()
        try Self.approve(bench, "csv", "odd", "price_usd")
        let one = try Self.waiting(bench)[1]
        #expect(try bench.runs.replay(ReplayRequest(ids: [one.id])).inserted == 1)
        try Self.expectNothing(of: ReplayRequest(reason: "bad_number"), bench)
        try Self.expectNothing(of: ReplayRequest(ids: [one.id]), bench)
        #expect(try Self.waiting(bench).count == 2)
    }

    @Test func aRowThatWasFetchedLaterIsNotReplaced() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,odd,timestamp\n" + "BTC,1,\(Self.times[0])\n")
        _ = try await bench.run()
        bench.clock.advance(60_000)
        try bench.put("b.csv", "symbol,price_usd,timestamp\n" + "BTC,2,\(Self.times[0])\n")
        #expect(try await bench.run().inserted == 1)
        try Self.approve(bench, "csv", "odd", "price_usd")
        let replay = try bench.runs.replay(ReplayRequest())
        #expect(replay.updated == 0 && replay.inserted == 0 && replay.skipped == 1, "\(replay)")
        #expect(try bench.lines().map { $0.contains("\"price_usd\":2,") } == [true])
        #expect(try Self.waiting(bench).isEmpty, "what is outdated waits no longer")
    }

    /// By the clock the row is half an hour older than the record that came before it.
    @Test(arguments: [false, true]) func aRowThatCameAfterTheClockWasSetBackIsNotReplaced(isSealed: Bool) async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,odd,timestamp\n" + "BTC,1,\(Self.times[0])\n")
        _ = try await bench.run()
        if isSealed { try bench.store.seal() }
        bench.clock.advance(-1_800_000)
        try bench.put("b.csv", "symbol,price_usd,timestamp\n" + "BTC,2,\(Self.times[0])\n")
        #expect(try await bench.run().inserted == 1)
        if isSealed { try bench.store.seal() }
        try Self.approve(bench, "csv", "odd", "price_usd")
        let replay = try bench.runs.replay(ReplayRequest())
        #expect(replay.updated == 0 && replay.inserted == 0, "\(replay)")
        #expect(try bench.lines().map { $0.contains("\"price_usd\":2,") } == [true], "an older record has replaced a newer row")
        #expect(try Self.waiting(bench).count == 1, "it is not certain, so it goes on waiting")
    }

    @Test func aRecordThatCameAfterTheClockWasSetBackReplacesTheRow() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + "BTC,2,\(Self.times[0])\n")
        _ = try await bench.run()
        bench.clock.advance(-1_800_000)
        try bench.put("b.csv", "symbol,odd,timestamp\n" + "BTC,1,\(Self.times[0])\n")
        _ = try await bench.run()
        try bench.store.seal()
        try Self.approve(bench, "csv", "odd", "price_usd")
        #expect(try bench.runs.replay(ReplayRequest()).updated == 1)
        #expect(try bench.lines().map { $0.contains("\"price_usd\":1,") } == [true])
    }

    @Test func aRowThatAnEarlierReplayStoredIsReplacedByANewerRecord() async throws {
        let bench = try Workbench()
        for (name, price) in [("a", 1), ("b", 7)] {
            try bench.put("\(name).csv", "symbol,odd,timestamp\n" + "BTC,\(price),\(Self.times[0])\n")
            _ = try await bench.run()
            bench.clock.advance(60_000)
        }
        try Self.approve(bench, "csv", "odd", "price_usd")
        let waiting = try Self.waiting(bench).sorted { $0.recordedAt < $1.recordedAt }
        #expect(try bench.runs.replay(ReplayRequest(ids: [waiting[0].id])).inserted == 1)
        #expect(try bench.runs.replay(ReplayRequest(ids: [waiting[1].id])).updated == 1, "the row was committed late, and fetched early")
        #expect(try bench.lines().map { $0.contains("\"price_usd\":7,") } == [true])
    }

    @Test func aRowThatWasFetchedEarlierIsReplaced() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + "BTC,2,\(Self.times[0])\n")
        _ = try await bench.run()
        bench.clock.advance(60_000)
        try bench.put("b.csv", "symbol,odd,timestamp\n" + "BTC,1,\(Self.times[0])\n" + "BTC,7,\(Self.times[0])\n")
        _ = try await bench.run()
        try Self.approve(bench, "csv", "odd", "price_usd")
        let replay = try bench.runs.replay(ReplayRequest())
        #expect(replay.updated == 2, "\(replay)")
        #expect(try bench.lines().map { $0.contains("\"price_usd\":7,") } == [true], "in a file the later line counts")
    }

    @Test func recordsOfAnAPIAreTriedAgain() throws {
        let bench = try Workbench()
        let source = HTTPSource(
            upstream: Upstream(url: "https://example.test/v1/tickers", userAgent: "test"),
            fields: [.symbol: "/s", .timestamp: "/t"]
        )
        let (outcome, run) = try HTTPPageTests.load(#"[{"s":"BTC","odd":1.50,"t":1734273000}]"#, bench, source: source)
        #expect(outcome == .failed && run.quarantined == 1)
        bench.sources = [SourceDefinition(name: "coinpaprika", kind: .http(source))]
        try bench.restart()
        try Self.approve(bench, "coinpaprika", "odd", "price_usd")
        let replay = try bench.runs.replay(ReplayRequest())
        #expect(replay.inserted == 1 && replay.appliedMappings.map(\.from) == ["/odd"], "\(replay)")
        #expect(try bench.lines()[0].contains("\"price_usd\":1.50"))
    }

    @Test func recordsOfAFeedAreTriedAgain() throws {
        let bench = try Workbench()
        var source = FeedLoaderTests.prices
        source.fields[.price] = nil
        let item = "<item><coin>BTC</coin><odd>1.50</odd><pubDate>Mon, 3 Nov 2025 10:41:52 +0200</pubDate><guid>1</guid></item>"
        let (outcome, run) = try FeedLoaderTests.load(FeedLoaderTests.rss(item), source, bench)
        #expect(outcome == .failed && run.quarantined == 1, "\(run)")
        bench.sources = [SourceDefinition(name: "feed", kind: .feed(source))]
        try bench.restart()
        try Self.approve(bench, "feed", "odd", "price_usd")
        #expect(try bench.runs.replay(ReplayRequest()).inserted == 1)
        #expect(try bench.lines()[0].contains("\"price_usd\":1.50") && Self.waiting(bench).isEmpty)
    }

    @Test func theLoserOfAPageDoesNotReplaceTheWinnerAfterwards() throws {
        let bench = try Workbench()
        let (_, run) = try HTTPPageTests.load("[\(HTTPPageTests.coin(price: "2")),\(HTTPPageTests.coin(price: "1"))]", bench)
        #expect(run.inserted == 1 && run.collisions == 1)
        bench.sources = [HTTPPageTests.source]
        try bench.restart()
        let replay = try bench.runs.replay(ReplayRequest())
        #expect(replay.updated == 0 && replay.quarantined == 1, "\(replay)")
        #expect(try bench.lines()[0].contains("\"price_usd\":2,") && Self.waiting(bench).count == 1, "nothing is dropped")
    }

    @Test func aRecordThatLacksAFieldGetsNoOtherInItsPlace() throws {
        let bench = try Workbench()
        let source = HTTPSource(upstream: Upstream(url: "https://example.test/v1/tickers", userAgent: "test"), fields: [:])
        let good = (1...3).map { #"{"symbol":"C\#($0)","price_usd":\#($0),"price":0.001,"timestamp":"2024-12-15T14:30:00Z"}"# }.joined(separator: ",")
        let body = #"[\#(good),{"symbol":"XYZ","price":0.0000123,"timestamp":"2024-12-15T14:30:00Z"}]"#
        let (_, run) = try HTTPPageTests.load(body, bench, source: source)
        #expect(run.inserted == 3 && run.quarantined == 1, "\(run)")
        bench.sources = [SourceDefinition(name: "coinpaprika", kind: .http(source))]
        try bench.restart()
        let replay = try bench.runs.replay(ReplayRequest(reason: "missing_price_usd"))
        #expect(replay.inserted == 0 && replay.quarantined == 1, "\(replay)")
    }

    @Test func equalTextUnderAnotherHeaderIsAnotherRecord() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,odd,volume_24h,timestamp\n" + "BTC,1,2,\(Self.times[0])\n")
        try bench.put("b.csv", "symbol,volume_24h,odd,timestamp\n" + "BTC,1,2,\(Self.times[0])\n")
        _ = try await bench.run()
        #expect(try Self.waiting(bench).count == 2)
    }

    @Test func aReplaySaysNothingAboutTheSources() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + "BTC,1,\(Self.times[0])\n" + "ETH,soon,\(Self.times[0])\n")
        let run = try await bench.run()
        #expect(try bench.runs.replay(ReplayRequest()).quarantined == 1)
        let statistics = bench.runs.statistics()
        #expect(statistics.healthStatus == "success" && statistics.lastSuccessfulRunID == run.runID, "\(statistics)")
    }

    @Test func aReplayIsNoAttemptOfASource() async throws {
        let bench = try Workbench()
        #expect(throws: RefreshError.self) { try bench.runs.replay(ReplayRequest(source: "nobody")) }
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + "ETH,soon,\(Self.times[0])\n" + "BTC,1,\(Self.times[0])\n")
        _ = try await bench.run()
        let attempts = bench.history.last { $0.key == "counters" }?.value.map { String(decoding: $0, as: UTF8.self) } ?? ""
        bench.clock.advance(3_600_000)
        _ = try bench.runs.replay(ReplayRequest())
        let after = bench.history.last { $0.key == "counters" }?.value.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let text = attempts.split(separator: "last_attempts").last
        #expect(text != nil && text == after.split(separator: "last_attempts").last, "no source was asked, so none was attempted")
    }
}
