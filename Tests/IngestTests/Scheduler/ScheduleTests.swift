import Testing

@testable import Ingest

private let hour: Int64 = 3_600_000

/// A schedule with its clock at 2026-01-01T00:00Z plus what has passed.
private struct Bench {
    var schedule: Schedule
    var activity = RunActivity()
    var now: Moment

    init(_ intervals: [String: Int64], startingAt minutes: Int64 = 30, isStarted: Bool = true) {
        now = Self.moment(minutes * minute)
        schedule = Schedule(intervals.sorted { $0.key < $1.key }.map { ScheduledSource(name: $0.key, interval: $0.value) }, at: now)
        if isStarted {
            _ = step()
            schedule.loaded([], at: now)
        }
    }

    static func moment(_ passed: Int64) -> Moment { Moment(wall: 1_767_225_600_000 + passed, monotonic: 500_000 + passed) }

    mutating func at(_ hours: Int64, _ minutes: Int64 = 0, milliseconds: Int64 = 0) {
        now = Self.moment(hours * hour + minutes * minute + milliseconds)
    }

    mutating func step() -> Schedule.Step { schedule.step(at: now, activity) }

    /// A run over these has begun.
    mutating func begin(_ names: [String]) {
        activity.isRunning = true
        for name in names { activity.attempts[name] = now }
    }

    mutating func load(_ names: [String]) {
        schedule.loaded(names, at: now)
        begin(names)
    }

    mutating func endRun() { activity.isRunning = false }
}

@Suite struct ScheduleTests {
    @Test func theLoadAtStartComesFirst() {
        var bench = Bench(["a": hour], isStarted: false)
        #expect(bench.step() == .load([], atStart: true))
        bench.schedule.loaded([], at: bench.now)
        #expect(bench.step() == .wait(milliseconds: 30 * minute))
    }

    @Test func sourcesThatAreDueTogetherAreLoadedTogether() {
        var bench = Bench(["a": hour, "b": 15 * minute, "c": 2 * hour])
        bench.at(0, 45)
        #expect(bench.step() == .load(["b"], atStart: false))
        bench.load(["b"])
        bench.endRun()
        bench.at(1)
        #expect(bench.step() == .load(["a", "b"], atStart: false))
        bench.load(["a", "b"])
        bench.endRun()
        #expect(bench.step() == .wait(milliseconds: 15 * minute))
        bench.at(2)
        #expect(bench.step() == .load(["a", "b", "c"], atStart: false))
    }

    @Test func aTickInARunWaitsForItsEndAndLeavesOutWhatItAttempted() {
        var bench = Bench(["a": hour, "b": hour])
        bench.at(0, 50)
        bench.begin(["a", "b"])
        bench.at(1, 1)
        guard case .wait = bench.step() else { return #expect(Bool(false), "it is loaded beside a run") }
        // Somebody asks, and the run takes the source in behind the tick.
        bench.begin(["b"])
        bench.at(1, 20)
        guard case .wait = bench.step() else { return #expect(Bool(false), "it is loaded beside a run") }
        bench.endRun()
        #expect(bench.step() == .load(["a"], atStart: false), "b was attempted at the tick, a was not")
        bench.load(["a"])
        bench.endRun()
        #expect(bench.step() == .wait(milliseconds: 40 * minute))
    }

    @Test func aLongRunCollapsesTheTicksInIt() {
        var bench = Bench(["a": hour])
        bench.at(1)
        bench.load(["a"])
        bench.at(4, 10)
        bench.endRun()
        #expect(bench.step() == .load(["a"], atStart: false))
        bench.load(["a"])
        bench.endRun()
        #expect(bench.step() == .wait(milliseconds: 50 * minute))
    }

    @Test func aMachineThatSleptLoadsOnce() {
        var bench = Bench(["a": hour, "b": 10 * minute])
        bench.at(30, 7)
        #expect(bench.step() == .load(["a", "b"], atStart: false))
        bench.load(["a", "b"])
        bench.endRun()
        #expect(bench.step() == .wait(milliseconds: 3 * minute))
    }

    @Test func aStepBackBetweenDecisionAndRunDoesNotLoadTwice() {
        var bench = Bench(["a": hour])
        bench.at(1)
        #expect(bench.step() == .load(["a"], atStart: false))
        bench.schedule.loaded(["a"], at: bench.now)
        bench.now.wall -= 200
        bench.begin(["a"])
        bench.endRun()
        guard case .wait(let milliseconds) = bench.step() else { return #expect(Bool(false), "one tick, two loads") }
        #expect(milliseconds == hour + 200)
    }

    @Test func aRefusalIsTriedAgainAMinuteLaterAndAtTheNextTick() {
        var bench = Bench(["a": hour, "b": 75_000])
        bench.at(1, 0, milliseconds: 0)
        #expect(bench.step() == .load(["a", "b"], atStart: false))
        bench.schedule.refused(at: bench.now, byClock: false)
        #expect(bench.step() == .wait(milliseconds: minute))
        bench.now = Moment(wall: bench.now.wall + minute - 1, monotonic: bench.now.monotonic + minute - 1)
        #expect(bench.step() == .wait(milliseconds: 1))
        bench.now = Moment(wall: bench.now.wall + 1, monotonic: bench.now.monotonic + 1)
        #expect(bench.step() == .load(["a", "b"], atStart: false))
        bench.schedule.refused(at: bench.now, byClock: false)
        #expect(bench.step() == .wait(milliseconds: 15_000), "b's next tick comes before the minute is over")
        bench.now = Moment(wall: bench.now.wall + 15_000, monotonic: bench.now.monotonic + 15_000)
        #expect(bench.step() == .load(["a", "b"], atStart: false))
    }

    @Test func whatIsOverdueForTwoMinutesIsStalledUntilItIsLoaded() {
        var bench = Bench(["a": hour])
        bench.at(1)
        _ = bench.step()
        bench.schedule.refused(at: bench.now, byClock: false)
        bench.at(1, 2)
        _ = bench.step()
        #expect(!bench.schedule.isStalled(at: bench.now))
        bench.at(1, 2, milliseconds: 1)
        #expect(bench.schedule.isStalled(at: bench.now))
        bench.load(["a"])
        #expect(!bench.schedule.isStalled(at: bench.now))
    }

    @Test func neitherALongRunNorASleepIsAStall() {
        var bench = Bench(["a": hour])
        bench.at(1)
        bench.begin([])
        bench.schedule.observe(at: bench.now, bench.activity)
        bench.at(3)
        bench.schedule.observe(at: bench.now, bench.activity)
        #expect(!bench.schedule.isStalled(at: bench.now), "a run goes on")
        bench.endRun()
        bench.schedule.observe(at: bench.now, bench.activity)
        #expect(!bench.schedule.isStalled(at: bench.now), "its end was a moment ago")
        var slept = Bench(["a": hour])
        slept.at(20)
        slept.schedule.observe(at: slept.now, slept.activity)
        #expect(!slept.schedule.isStalled(at: slept.now), "nobody could load anything while it slept")
    }

    @Test func aWrongClockAtStartMakesNoTicks() {
        var bench = Bench(["a": hour], isStarted: false)
        let right = Bench.moment(400 * hour + 20 * minute)
        #expect(bench.step() == .load([], atStart: true))
        bench.schedule.refused(at: bench.now, byClock: true)
        bench.now = right
        guard case .load(_, atStart: true) = bench.step() else { return #expect(Bool(false), "the clock is right, and nothing is tried") }
        // By the right clock nothing was old enough.
        bench.schedule.loaded([], at: bench.now)
        #expect(bench.step() == .wait(milliseconds: 40 * minute), "the jump to the right time is taken for missed ticks")
    }

    @Test func aTickWhileTheLoadAtStartWaitsIsNotForgotten() {
        var bench = Bench(["a": hour], startingAt: 58, isStarted: false)
        bench.begin(["a"])
        bench.at(1, 5)
        guard case .wait = bench.step() else { return #expect(Bool(false), "it is loaded beside a run") }
        bench.endRun()
        #expect(bench.step() == .load(["a"], atStart: true))
    }

    @Test func theLastTickIsTheOneThatWasAnswered() {
        var bench = Bench(["a": hour])
        #expect(bench.schedule.lastTick == nil)
        bench.at(1, 0, milliseconds: 70)
        _ = bench.step()
        bench.load(["a"])
        #expect(bench.schedule.lastTick == Bench.moment(hour).wall)
    }
}
