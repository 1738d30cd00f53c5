import MarketData
import Testing
import TickerStore

@testable import Ingest

@Suite struct RunTests {
    /// A source that nobody answers for: port 1 of this machine.
    static let dead = BuiltInSources.coinpaprika(override: "http://127.0.0.1:1/v1/tickers", userAgent: "test")

    @Test func aSourceThatFailsBesideOneThatLoadsIsAPartialSuccess() async throws {
        let bench = try Workbench()
        bench.sources.insert(Self.dead, at: 0)
        try bench.restart()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\n")
        let run = try await bench.run()
        #expect(run.status == .partialSuccess && run.inserted == 1 && run.errors.map(\.source) == ["coinpaprika"], "\(run)")
        #expect(run.errors[0].message.contains("127.0.0.1:1"), "the error names no address: \(run.errors[0].message)")
    }

    @Test func aFetchErrorIsNeverASuccessWithNoRows() async throws {
        let bench = try Workbench(sources: [Self.dead])
        let run = try await bench.run()
        #expect(run.status == .failed && run.errors.count == 1)
    }

    @Test func theFirstRunOverAnEmptyInboxIsASuccess() async throws {
        let run = try await Workbench().run()
        #expect(run.status == .success && run.batches.isEmpty)
    }

    @Test func aRunTakesJoinsUntilItHasAskedForTheLastTime() throws {
        let bench = try Workbench()
        let record = RunRecord.begun(over: "csv")
        let run = ActiveRun(record: record, sources: bench.sources, sink: bench.store, environment: bench.clock.environment)
        #expect(run.join(bench.sources + [Self.dead]))
        #expect(run.takeJoin()?.map(\.name) == ["csv", "coinpaprika"])
        #expect(run.record.sources == ["csv", "coinpaprika"], "who joined belongs to the run")
        #expect(run.join([Self.dead]))
        #expect(run.takeJoin()?.isEmpty == true, "an API is asked once a run")
        #expect(run.takeJoin() == nil)
        #expect(!run.join(bench.sources), "a run that is storing its end must not take a request it will not serve")
    }

    @Test func anUnknownSourceIsRefusedWithTheKnownOnes() throws {
        let bench = try Workbench()
        let error = #expect(throws: RefreshError.self) { try bench.runs.refresh(trigger: "manual", source: "coinpaprica") }
        guard case .unknownSource(_, let known) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(known == ["csv"])
    }

    @Test func runsAreThereAgainAfterARestart() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\nB,bad,2024-12-15\n")
        let before = try await bench.run()
        try bench.restart()
        let after = try bench.runs.run(id: before.runID)
        #expect(after.map(json) == json(before))
        #expect(bench.runs.latestRunID == before.runID)
    }

    @Test func aRunWithoutAnEndWasKilled() async throws {
        let bench = try Workbench()
        var start = Batch(origin: BatchOrigin(runID: "etl_killed", number: 0, source: "", fetchedAt: .earliest))
        let record = RunRecord(
            sequence: 7,
            runID: "etl_killed",
            trigger: "manual",
            source: "all",
            sources: ["csv"],
            startedAt: .earliest,
            preRunCounts: RunCounts(raw: 0, normalized: 0)
        )
        start.state = { _ in [RunState.start(record), RunState.batch(.init(number: 1, source: "csv", rows: 10, inserted: 10), sequence: 7)] }
        _ = try bench.store.commit(start)
        try bench.restart()
        let closed = try bench.runs.run(id: "etl_killed")!
        #expect(closed.status == .failed && closed.failedBatches.map(\.number) == [2] && closed.failedBatches[0].source == "csv", "\(closed)")
        let next = try await bench.run()
        #expect(next.sequence == 8, "runs are ordered by their own number")
    }

    @Test func listsAreNewestFirstAndPaged() async throws {
        let bench = try Workbench()
        var ids: [String] = []
        for _ in 0..<5 { ids.append(try await bench.run().runID) }
        let first = try bench.runs.list(limit: 2, before: nil, status: nil, source: nil)
        #expect(first.runs.map(\.runID) == [ids[4], ids[3]])
        let second = try bench.runs.list(limit: 9, before: first.next, status: "success", source: "csv")
        #expect(second.runs.map(\.runID) == [ids[2], ids[1], ids[0]] && second.next == nil)
        #expect(try bench.runs.list(limit: 9, before: nil, status: "failed", source: nil).runs.isEmpty)
    }

    @Test func filesAreLoadedAtStartWhenTheyHaveNews() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", seedHeader + "BTC,1,2,2024-12-15T14:30:00Z,x\n")
        _ = try await bench.run()
        try bench.restart()
        #expect(bench.runs.dueAtStart(every: 3_600_000) == [], "what was read a moment ago is not due")
        try bench.put("b.csv", seedHeader)
        #expect(bench.runs.dueAtStart(every: 3_600_000) == ["csv"])
        bench.clock.advance(3_600_000)
        #expect(bench.runs.dueAtStart(every: 3_600_000) == ["csv"])
    }

    @Test func theRunAtStartLeavesOutSourcesThatWereAskedLately() async throws {
        let bench = try Workbench(sources: [Self.dead])
        let first = try bench.runs.refreshAtStart(intervalMilliseconds: 3_600_000)
        _ = await bench.runs.wait(for: first!.runID, atMost: 30)
        try bench.restart()
        #expect(try bench.runs.refreshAtStart(intervalMilliseconds: 3_600_000) == nil, "a crash loop must not spend quota")
        bench.clock.advance(3_600_000)
        #expect(try bench.runs.refreshAtStart(intervalMilliseconds: 3_600_000) != nil)
    }

    private func json(_ record: RunRecord) -> String { String(decoding: record.line, as: UTF8.self) }
}

/// A clock that cannot be right starts no run (spec section 2).
@Suite struct ClockTests {
    @Test func aClockBeforeTheProgramWasMadeStartsNoRun() throws {
        let bench = try Workbench()
        bench.environment.existsSince = Timestamp(milliseconds: bench.clock.wall + 3_600_000)
        try bench.restart()
        let error = #expect(throws: RefreshError.self) { try bench.runs.refresh(trigger: "manual", source: nil) }
        guard case .clock(let message) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(message.contains("set the clock") && bench.runs.statistics().clockProblem != nil)
    }

    @Test func aClockFarBehindTheNewestFetchStartsNoRunUntilItIsAccepted() async throws {
        let bench = try Workbench()
        _ = try await bench.run()
        bench.clock.advance(-2 * 86_400_000)
        try bench.restart()
        #expect(throws: RefreshError.self) { try bench.runs.refresh(trigger: "manual", source: nil) }
        bench.runs.acceptClock()
        let ticket = try bench.runs.refresh(trigger: "cli", source: nil)
        #expect(await bench.runs.wait(for: ticket.runID, atMost: 60) == "success")
        try bench.restart()
        #expect(try await bench.run().status == .success, "accepting it does not last")
    }

    @Test func anHourBackIsNoReason() async throws {
        let bench = try Workbench()
        _ = try await bench.run()
        bench.clock.advance(-3_600_000)
        #expect(try await bench.run().status == .success)
    }
}
