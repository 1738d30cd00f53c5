import MarketData
import Testing

@testable import Ingest
@testable import TickerStore

/// What is known of how fresh sources are.
@Suite struct FreshnessTests {
    private static let header = "symbol,price_usd,timestamp\n"
    private static let noon = try! Timestamp.parse("2024-12-15T12:00:00Z")

    private static func bench() throws -> Workbench {
        let bench = try Workbench(sources: [RunTests.dead])
        bench.sources.append(BuiltInSources.csv(inbox: bench.path + "/inbox", extraFile: nil))
        try bench.restart()
        return bench
    }

    private static func csv(_ bench: Workbench) -> SourceFreshness { bench.runs.freshness().first { $0.name == "csv" }! }

    @Test func nothingIsKnownOfANewStore() throws {
        let bench = try Self.bench()
        #expect(bench.runs.freshness().map(\.name) == ["coinpaprika", "csv"])
        #expect(Self.csv(bench) == SourceFreshness(name: "csv", consecutiveFailures: 0))
    }

    @Test func allOfItIsThereAfterARestart() async throws {
        let bench = try Self.bench()
        try bench.put("a.csv", Self.header + "A,1,2024-12-15T12:00:00Z\nB,1,2024-12-14\n")
        let run = try await bench.run()
        let known = bench.runs.freshness()
        #expect(known[1].lastSuccess == run.completedAt && known[1].newestData == Self.noon && known[1].watermark == Self.noon)
        #expect(known[0].lastSuccess == nil && known[0].newestData == nil && known[0].consecutiveFailures == 1)
        try bench.restart()
        var after = bench.runs.freshness()
        // The process that is gone knew more exactly when it began to ask; the store has when the run began.
        #expect(after.map(\.lastAttempt) == [run.startedAt, run.startedAt])
        for index in after.indices { after[index].lastAttempt = known[index].lastAttempt }
        #expect(after == known)
    }

    @Test func nothingToDoIsNoFailureAndAFailureMovesNeitherSuccessNorWatermark() async throws {
        let bench = try Self.bench()
        try bench.put("a.csv", Self.header + "A,1,2024-12-15T12:00:00Z\n")
        _ = try await bench.run(source: "csv")
        let idle = try await bench.run(source: "csv")
        #expect(Self.csv(bench).lastSuccess == idle.completedAt)
        // One file with a newer row, and one that cannot be read as a table.
        try bench.put("b.csv", Self.header + "A,1,2024-12-15T13:00:00Z\n")
        try bench.put("c.csv", "1,2\n")
        let bad = try await bench.run(source: "csv")
        let known = Self.csv(bench)
        #expect(bad.outcomes["csv"] == .partlyLoaded, "\(bad.outcomes)")
        #expect(known.lastSuccess == idle.completedAt && known.consecutiveFailures == 1 && known.watermark == Self.noon)
        #expect(known.newestData == Timestamp(milliseconds: Self.noon.milliseconds + 3_600_000))
    }

    @Test func aSourceThatFailsThreeTimesInARowIsNamedAlsoAfterARestart() async throws {
        let bench = try Workbench()
        try bench.put("b.csv", "1,2\n")
        for attempt in 1...3 {
            #expect(bench.runs.statistics().failingSources.isEmpty, "after \(attempt - 1) attempts")
            // One file comes in, so that the run is no failure as a whole.
            try bench.put("a\(attempt).csv", Self.header + "A,1,2024-12-1\(attempt)\n")
            #expect(try await bench.run().status == .partialSuccess)
        }
        let failing = bench.runs.statistics().failingSources
        #expect(failing.map(\.name) == ["csv"] && failing[0].attempts == 3 && failing[0].error?.contains("b.csv") == true, "\(failing)")
        try bench.restart()
        #expect(bench.runs.statistics().failingSources == failing)
        try bench.put("b.csv", Self.header)
        _ = try await bench.run()
        #expect(bench.runs.statistics().failingSources.isEmpty)
    }

    @Test func aRunThatBringsNothingNamesItsSourceAtOnceAndAnInterruptedOneSaysWhy() async throws {
        let bench = try Workbench(sources: [RunTests.dead])
        #expect(try await bench.run().status == .failed)
        let statistics = bench.runs.statistics()
        #expect(statistics.failingSources.map(\.attempts) == [1] && statistics.failingSources[0].error != nil)
        #expect(statistics.lastRunFailure == nil, "the source has told it")
    }

    @Test func aLongMessageIsCutBehindAWord() {
        #expect(FailingSource.firstWords("short") == "short")
        let words = FailingSource.firstWords(String(repeating: "four ", count: 100))
        #expect(words.hasSuffix("four…") && words.count <= 201, "\(words)")
        #expect(FailingSource.firstWords(String(repeating: "x", count: 1_000)).count == 201)
    }

    @Test func anOlderStoreIsJudgedByItsNewestRuns() async throws {
        let bench = try Self.bench()
        try bench.put("a.csv", Self.header + "A,1,2024-12-15T12:00:00Z\n")
        let run = try await bench.run()
        // As a version without these counters left them.
        var counters = RunCounters()
        (counters.lastSequence, counters.lastAttempts) = (1, ["csv": run.startedAt])
        var batch = Batch(origin: BatchOrigin(runID: "", number: 0, source: "", fetchedAt: .earliest))
        batch.state = { [change = counters.change] _ in [change, StateChange(key: "newest/csv", value: nil)] }
        _ = try bench.store.commit(batch)
        try bench.restart()
        #expect(Self.csv(bench).lastSuccess == run.completedAt && Self.csv(bench).newestData == nil)
        #expect(bench.runs.freshness()[0].consecutiveFailures == 1)
        bench.runs.findNewestData()
        let deadline = ContinuousClock.now + .seconds(120)
        while Self.csv(bench).newestData == nil, ContinuousClock.now < deadline { await Task.yield() }
        #expect(Self.csv(bench).newestData == Self.noon)
    }

    @Test func aReplayAndAnInterruptedRunSayNothingOfTheirSources() throws {
        var counters = RunCounters()
        var run = RunRecord(
            sequence: 1,
            runID: "r",
            trigger: "manual",
            source: "csv",
            sources: ["csv"],
            status: .failed,
            startedAt: Self.noon,
            completedAt: Self.noon,
            preRunCounts: RunCounts(raw: 0, normalized: 0)
        )
        run.outcomes = ["csv": .failed]
        run.errors = [.init(source: "csv", type: .interrupted, message: "", at: Self.noon)]
        counters.add(run)
        #expect(counters.failures.isEmpty && counters.lastAttempts == ["csv": Self.noon])
        run.errors = []
        run.trigger = "replay"
        counters.add(run)
        #expect(counters.failures.isEmpty)
        run.trigger = "schedule"
        counters.add(run)
        counters.add(run)
        #expect(counters.failures == ["csv": 2])
        let state = [(key: counters.change.key, value: counters.change.value!)]
        #expect(RunCounters(state) == counters)
    }

    @Test func whatCommitsSayOnlyGrows() {
        let data = NewestData()
        func says(_ hour: Int64) -> Bool { !data.changes(with: Timestamp(milliseconds: Self.noon.milliseconds + hour), of: "csv").isEmpty }
        // The second one is asked twice for one batch, as it may be.
        #expect(says(1) && says(5) && says(5) && !says(3) && says(6))
        #expect(data["csv"] == nil, "nothing is stored yet")
        data.note(Self.noon, of: "csv")
        data.note(.earliest, of: "csv")
        #expect(data["csv"] == Self.noon)
        #expect(NewestData(data.changes.map { ($0.key, $0.value!) })["csv"] == Self.noon)
    }
}
