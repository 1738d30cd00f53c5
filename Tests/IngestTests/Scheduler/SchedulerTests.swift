import Logging
import MarketData
import Synchronization
import TestSupport
import Testing
import TickerStore

@testable import Ingest

/// Runs that begin and end when the test says so.
private final class ScriptedRuns: ScheduledRuns {
    struct State {
        var sources: [ScheduledSource]
        var activity = RunActivity()
        var dueAtStart: [String] = []
        var refusal: RefreshError?
        /// A manual run begins just before the next load.
        var isOvertaken = false
        var loads: [String] = []
        var watchers: [@Sendable () -> Void] = []
        var now = Moment(wall: 1_767_225_600_000 + 1_800_000, monotonic: 9_000_000)
    }

    let state: Mutex<State>

    init(_ sources: [ScheduledSource] = [ScheduledSource(name: "a", interval: 3_600_000)]) {
        state = Mutex(State(sources: sources))
    }

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
    func advance(_ milliseconds: Int64) {
        change { $0.now = Moment(wall: $0.now.wall + milliseconds, monotonic: $0.now.monotonic + milliseconds) }
    }
    /// Trigger and sources of each run that was begun on schedule.
    var loads: [String] { state.withLock { $0.loads } }

    func endRun() {
        let watchers = state.withLock { state in
            state.activity.isRunning = false
            return state.watchers
        }
        for watcher in watchers { watcher() }
    }

    var activity: RunActivity { state.withLock { $0.activity } }
    func scheduledSources(every interval: Int64) -> [ScheduledSource] { state.withLock { $0.sources } }
    func dueAtStart(every interval: Int64) -> [String] { state.withLock { $0.dueAtStart } }
    func onRunEnd(_ body: @escaping @Sendable () -> Void) { change { $0.watchers.append(body) } }

    func load(_ names: [String], trigger: String) throws(RefreshError) -> Bool {
        let result: Result<Bool, RefreshError> = state.withLock { state in
            if let refusal = state.refusal { return .failure(refusal) }
            if state.isOvertaken || state.activity.isRunning {
                state.isOvertaken = false
                state.activity.isRunning = true
                return .success(false)
            }
            state.activity.isRunning = true
            for name in names { state.activity.attempts[name] = state.now }
            state.loads.append("\(trigger) \(names.joined(separator: ","))")
            return .success(true)
        }
        return try result.get()
    }
}

@Suite struct SchedulerTests {
    private static func scheduler(_ runs: ScriptedRuns, log: LogLines = LogLines(), isEnabled: Bool = true) -> Scheduler {
        Scheduler(
            runs: runs,
            everyMilliseconds: 3_600_000,
            isEnabled: isEnabled,
            clock: { runs.state.withLock { $0.now } },
            logger: Logger(label: "test") { _ in CapturingHandler { log.append($0) } }
        )
    }

    /// Lets it do what it wants to do now; gives how long it then waits.
    private static func settle(_ scheduler: Scheduler) -> Int64? {
        for _ in 0..<20 {
            guard let wait = scheduler.turn() else { return nil }
            if wait > 1 { return wait }
        }
        Issue.record("it does not come to rest")
        return nil
    }

    @Test func itLoadsAtStartThenAtEachTick() {
        let runs = ScriptedRuns()
        runs.change { $0.dueAtStart = ["a"] }
        let scheduler = Self.scheduler(runs)
        _ = Self.settle(scheduler)
        runs.endRun()
        _ = Self.settle(scheduler)
        #expect(runs.loads == ["start a"])
        runs.advance(1_799_000)
        #expect(Self.settle(scheduler) == 1_000, "the tick is not waited for to the millisecond")
        runs.advance(1_000)
        _ = Self.settle(scheduler)
        #expect(runs.loads == ["start a", "schedule a"])
        #expect(scheduler.status.lastTick == Timestamp(milliseconds: 1_767_229_200_000))
    }

    @Test func aClockThatIsSetIsNoticedWithinSeconds() {
        let runs = ScriptedRuns()
        let scheduler = Self.scheduler(runs)
        #expect(Self.settle(scheduler) == Scheduler.longestWaitMilliseconds)
        runs.change { $0.now.wall += 86_400_000 }
        _ = Self.settle(scheduler)
        #expect(runs.loads == ["schedule a"])
    }

    @Test func aRunThatOvertakesIsWaitedFor() {
        let runs = ScriptedRuns()
        let scheduler = Self.scheduler(runs)
        _ = Self.settle(scheduler)
        runs.advance(1_800_000)
        runs.change { $0.isOvertaken = true }
        _ = Self.settle(scheduler)
        #expect(runs.loads.isEmpty, "it joined a run")
        runs.endRun()
        _ = Self.settle(scheduler)
        #expect(runs.loads == ["schedule a"])
    }

    @Test func aRefusalIsToldOnceAndItsEndToo() {
        let (runs, log) = (ScriptedRuns(), LogLines())
        let scheduler = Self.scheduler(runs, log: log)
        _ = Self.settle(scheduler)
        runs.change { $0.refusal = .storeUnavailable("the disk is full") }
        runs.advance(1_800_000)
        for _ in 0..<10 {
            _ = Self.settle(scheduler)
            runs.advance(60_000)
        }
        #expect(log.lines.count == 1 && log.lines[0].contains("the disk is full"), "\(log.lines)")
        #expect(scheduler.status.state == .stalled && scheduler.status.problem == "the disk is full")
        runs.change { $0.refusal = .clock("it is 1970") }
        _ = Self.settle(scheduler)
        #expect(log.lines.count == 2, "another cause is told")
        runs.advance(60_000)
        runs.change { $0.refusal = nil }
        _ = Self.settle(scheduler)
        #expect(runs.loads == ["schedule a"] && log.lines.count == 3 && scheduler.status.state == .ok && scheduler.status.problem == nil)
    }

    @Test func anotherScheduleIsTakenUpAndTheSameOneChangesNothing() {
        let runs = ScriptedRuns()
        let scheduler = Self.scheduler(runs)
        _ = Self.settle(scheduler)
        runs.change { $0.dueAtStart = ["a"] }
        scheduler.change(everyMilliseconds: 3_600_000, isEnabled: true)
        _ = Self.settle(scheduler)
        #expect(runs.loads.isEmpty, "nothing was different, and \(runs.loads) was loaded")
        scheduler.change(everyMilliseconds: 3_600_000, isEnabled: false)
        _ = Self.settle(scheduler)
        #expect(runs.loads.isEmpty && scheduler.status.state == .disabled)
        scheduler.change(everyMilliseconds: 3_600_000, isEnabled: true)
        _ = Self.settle(scheduler)
        #expect(runs.loads == ["start a"] && scheduler.status.state == .ok)
    }

    @Test func theStateSaysHowItIs() {
        let runs = ScriptedRuns()
        let off = Self.scheduler(runs, isEnabled: false).status
        #expect(off.state == .disabled && off.nextTick == nil && off.sources.map(\.name) == ["a"])
        #expect(Self.scheduler(ScriptedRuns([])).status.state == .idle)
        let status = Self.scheduler(runs).status
        #expect(status.state == .ok && status.nextTick == Timestamp(milliseconds: 1_767_229_200_000) && status.lastTick == nil)
    }

    @Test(.timeLimit(.minutes(10))) func stoppingEndsAWaitAtOnce() throws {
        let runs = ScriptedRuns()
        runs.change { $0.dueAtStart = ["a"] }
        let scheduler = Self.scheduler(runs)
        try scheduler.start()
        scheduler.stop()
        scheduler.waitUntilEnded()
        for scheduler in [Self.scheduler(ScriptedRuns([])), Self.scheduler(runs, isEnabled: false)] {
            try scheduler.start()
            scheduler.stop()
            scheduler.waitUntilEnded()
        }
    }

    @Test(.timeLimit(.minutes(10))) func aProcessThatStopsEndsTheThread() throws {
        let runs = ScriptedRuns()
        runs.change {
            $0.refusal = .draining; $0.dueAtStart = ["a"]
        }
        let scheduler = Self.scheduler(runs)
        try scheduler.start()
        scheduler.waitUntilEnded()
    }
}

/// The scheduler with the real run service.
@Suite struct ScheduledRunTests {
    @Test(.timeLimit(.minutes(10))) func runsOnScheduleSayWhyTheyBegan() async throws {
        let bench = try Workbench()
        let scheduler = Scheduler(runs: bench.runs, everyMilliseconds: 3_600_000, isEnabled: true)
        func ended(_ count: Int) async throws -> RunRecord {
            while true {
                _ = scheduler.turn()
                let runs = try bench.runs.list(limit: 10, before: nil, status: "success", source: nil).runs
                if runs.count >= count { return runs[0] }
                await Task.yield()
            }
        }
        let first = try await ended(1)
        #expect(first.trigger == "start" && first.source == "all")
        bench.clock.advance(3_600_000)
        let second = try await ended(2)
        #expect(second.trigger == "schedule" && second.sources == ["csv"])
        let status = scheduler.status
        #expect(status.sources[0].lastAttempt.map { $0 >= second.startedAt } == true && status.state == .ok, "\(status)")
    }

    @Test(.timeLimit(.minutes(10))) func sixteenWhoAskAtOnceGetOneRun() async throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        let bench = try Workbench(sources: [HTTPWalkTests.source(server)])
        let tickets = BlockingQueue<RefreshTicket?>()
        let runs = bench.runs
        for _ in 0..<16 {
            try startThread { _ = tickets.push(try? runs.refresh(trigger: "manual", source: nil)) }
        }
        var received: [RefreshTicket] = []
        while received.count < 16 { received += try #require(tickets.popAll()).map { try #require($0) } }
        #expect(Set(received.map(\.runID)).count == 1 && received.count { !$0.alreadyRunning } == 1, "\(received)")
        #expect(try !runs.load(["api"], trigger: "schedule"), "a scheduled run begins beside another")
        await bench.runs.drain(atMost: 20)
        #expect(throws: RefreshError.self) { try runs.load(["api"], trigger: "schedule") }
    }

    @Test func whoJoinsIsInTheStoredStartBeforeItsFirstPage() throws {
        let server = ScriptedServer([HTTPWalkTests.answer(HTTPWalkTests.page(1))], [HTTPWalkTests.answer("[]")])
        defer { server.stop() }
        let api = HTTPWalkTests.source(server)
        let bench = try Workbench()
        bench.sources.append(api)
        try bench.restart()
        let run = ActiveRun(record: .begun(over: "csv"), sources: [bench.sources[0]], sink: bench.store, environment: bench.environment)
        #expect(run.join([api]))
        let service = bench.runs
        let execution = RunExecution(run: run, memory: service.memory, limiters: service.limiters, checkpoints: [:]) { _ in nil }
        #expect(execution.execute().status == .success)
        #expect(run.attempts.keys.sorted() == ["api"], "a joined source's turn is an attempt")
        // What is on disk when the process is killed behind the first page.
        var state: [String: [UInt8]] = [:]
        for change in bench.history {
            state[change.key] = change.value
            if change.key == "page/api" { break }
        }
        let left = RunState.leftovers(state.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) })
        #expect(left.map(\.run.sources) == [["csv", "api"]], "its walk will not be gone on with: \(left.map(\.run.sources))")
    }

    @Test func anyRunIsAnAttempt() async throws {
        let bench = try Workbench()
        let before = bench.clock.wall
        _ = try await bench.run()
        let activity = bench.runs.activity
        #expect(!activity.isRunning && activity.attempts["csv"].map { $0.wall > before } == true)
    }
}

/// What was logged.
private final class LogLines: Sendable {
    private let all = Mutex<[String]>([])
    var lines: [String] { all.withLock { $0 } }
    func append(_ line: String) { all.withLock { $0.append(line) } }
}
