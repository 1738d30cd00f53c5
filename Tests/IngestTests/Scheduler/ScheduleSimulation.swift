import TestSupport

@testable import Ingest

/// Sources, runs, people who ask, and a machine whose clock is set, which sleeps and is restarted: with a time of its own that no clock shows.
///
/// It keeps its own account of which ticks are answered, written from the specification and not from `Schedule`.
struct ScheduleSimulation {
    private(set) var violation: String?
    private(set) var loads = 0
    private(set) var manualRuns = 0
    private(set) var restarts = 0
    private(set) var clockSettings = 0
    private(set) var waitsForRuns = 0

    private struct Source {
        let name: String
        let interval: Int64
        let isFile: Bool
        /// On disk.
        var lastAttempt: Int64?
        /// Real time at which a tick came that nothing has answered yet.
        var pendingSince: Int64?
        /// Ticks that were answered, and how wrong the clock was then.
        var answered: [(tick: Int64, error: Int64)] = []
        var step: Int64 { min(60_000, interval / 2) }
    }

    private var random: SplitMix64
    private var sources: [Source]
    private var schedule: Schedule
    private var activity = RunActivity()
    /// The sources of the run that goes on.
    private var running: Set<String> = []
    private var runEnd: Int64?
    /// Milliseconds that have really passed, when the machine was booted, and by how much its clock is wrong.
    private var time: Int64 = 0
    private var boot: Int64 = -1_000_000
    private var clockError: Int64 = 0
    /// The clock was set back, and the schedule has not looked since.
    private var isClockBack = false
    private var refusedAt: Int64?
    private var isClockSetSinceRefusal = false
    private static let epoch: Int64 = 1_767_225_600_000
    private static let hour: Int64 = 3_600_000

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        var made: [Source] = []
        for index in 0...random.below(4) {
            let interval: Int64 = random.pick([60_000, 900_000, 900_000, Self.hour, Self.hour, 2 * Self.hour, 7 * Self.hour, 24 * Self.hour])
            made.append(Source(name: "s\(index)", interval: interval, isFile: random.below(3) == 0))
        }
        sources = made
        schedule = Schedule([], at: Moment(wall: 0, monotonic: 0))
        begin()
    }

    private var now: Moment { Moment(wall: Self.epoch + time + clockError, monotonic: time - boot) }

    mutating func run(hours: Int64) {
        while time < hours * Self.hour, violation == nil {
            let wait = settle()
            let untilEvent = Int64(random.below(random.pick([5_000, 300_000, 7_200_000]))) + 1
            if let runEnd, runEnd - time <= min(wait, untilEvent) {
                pass(runEnd - time)
            } else if wait <= untilEvent {
                pass(wait)
            } else {
                pass(untilEvent)
                happen()
            }
        }
    }

    /// Asks the schedule and does what it says until it waits; gives for how long.
    private mutating func settle() -> Int64 {
        while violation == nil {
            switch schedule.step(at: now, activity) {
            case .wait(let milliseconds):
                isClockBack = false
                checkNothingIsForgotten()
                if milliseconds < 1 { violation = "after \(time) ms: it waits for \(milliseconds) ms" }
                return milliseconds
            case .load(let due, let isAtStart): load(due, isAtStart: isAtStart)
            }
        }
        return 1
    }

    // MARK: What the schedule asks for

    private mutating func load(_ due: [String], isAtStart: Bool) {
        if runEnd != nil { violation = "after \(time) ms: it wants to load \(due) while a run goes on" }
        if Set(due).count != due.count || (due.isEmpty && !isAtStart) { violation = "after \(time) ms: it wants to load \(due)" }
        if let refusedAt, time - refusedAt < 60_000, !isAnyTickSince(refusedAt) { violation = "after \(time) ms: refused \(time - refusedAt) ms ago" }
        isClockBack = false
        let decided = now
        switch random.below(50) {
        case 0:
            refusedAt = time
            isClockSetSinceRefusal = false
            schedule.refused(at: decided, byClock: false)
            return
        case 1:
            // Somebody was faster.
            beginRun(Set(sources.filter { _ in random.bool() }.map(\.name)))
            return
        default: break
        }
        let wall = now.wall
        let atStart = sources.filter { source in
            source.isFile || source.lastAttempt.map { !(0..<source.interval).contains(wall - $0) } ?? true
        }
        let names = Set(due).union(isAtStart ? atStart.map(\.name) : [])
        for index in sources.indices where due.contains(sources[index].name) { check(sources[index]) }
        refusedAt = nil
        loads += 1
        // The clock may be stepped between the decision and the run.
        if random.below(20) == 0 { clockError -= Int64(random.below(200)) }
        if !names.isEmpty { beginRun(names) }
        schedule.loaded(due + names.subtracting(due).sorted(), at: decided)
        for index in sources.indices where names.contains(sources[index].name) { note(index, at: decided.wall) }
    }

    /// No two loads for one tick of one clock.
    private mutating func check(_ source: Source) {
        let tick = Self.tick(source.interval, now.wall)
        if source.answered.contains(where: { $0.tick >= tick && abs($0.error - clockError) <= source.step / 2 }) {
            violation = "after \(time) ms: the tick \(tick) of \(source.name), every \(source.interval), is answered already"
        }
    }

    private mutating func beginRun(_ names: Set<String>) {
        running = names
        runEnd = time + 1 + Int64(random.below(random.pick([2_000, 20_000, 600_000, 10_800_000])))
        for name in names { attempt(name) }
        activity.isRunning = true
    }

    private mutating func attempt(_ name: String) {
        activity.attempts[name] = now
        guard let index = sources.firstIndex(where: { $0.name == name }) else { return }
        sources[index].lastAttempt = now.wall
        note(index, at: now.wall)
    }

    private mutating func note(_ index: Int, at wall: Int64) {
        sources[index].answered.append((Self.tick(sources[index].interval, wall), clockError))
        if sources[index].answered.count > 200 { sources[index].answered.removeFirst(100) }
        sources[index].pendingSince = nil
    }

    private mutating func endRun() {
        if sources.contains(where: { $0.pendingSince != nil }) { waitsForRuns += 1 }
        runEnd = nil
        running = []
        activity.isRunning = false
    }

    /// Where it waits with no run going on, every tick is answered.
    private mutating func checkNothingIsForgotten() {
        guard runEnd == nil, refusedAt.map({ time - $0 >= 60_000 }) ?? true, let source = sources.first(where: { $0.pendingSince != nil }) else {
            return
        }
        violation = "after \(time) ms: a tick of \(source.name), every \(source.interval), is not answered since \(source.pendingSince ?? 0)"
    }

    private func isAnyTickSince(_ moment: Int64) -> Bool {
        let wall = now.wall
        return isClockSetSinceRefusal || sources.contains { Self.tick($0.interval, wall) > wall - (time - moment) }
    }

    // MARK: What happens

    private mutating func happen() {
        switch random.below(100) {
        case ..<55: ask()
        case ..<75: setClock()
        case ..<90: pass(Int64(random.below(random.pick([60_000, 7_200_000, 200_000_000]))))
        default: restart()
        }
    }

    /// Somebody asks for some sources: a run, or a join of the one that goes on.
    private mutating func ask() {
        manualRuns += 1
        let wanted = Set(sources.filter { _ in random.bool() }.map(\.name))
        guard runEnd != nil else { return beginRun(wanted) }
        for source in sources where wanted.contains(source.name) && (source.isFile || !running.contains(source.name)) {
            running.insert(source.name)
            attempt(source.name)
        }
    }

    /// To one of three settings, or by a small step; the schedule looks up to five seconds later.
    private mutating func setClock() {
        clockSettings += 1
        let before = clockError
        clockError = random.pick([0, 5 * Self.hour, -3 * Self.hour]) + Int64(random.below(8_001)) - 4_000
        isClockSetSinceRefusal = true
        isClockBack = clockError < before
        for index in sources.indices {
            if clockError < before {
                sources[index].pendingSince = nil
            } else {
                crossed(index, from: Self.epoch + time + before)
            }
        }
        let unseen = Int64(random.below(5_000))
        pass(runEnd.map { min($0 - time, unseen) } ?? unseen)
    }

    private mutating func restart() {
        restarts += 1
        runEnd = nil
        running = []
        activity = RunActivity()
        time += Int64(random.below(random.pick([2_000, 600_000, 20_000_000])))
        if random.bool() { boot = time - Int64(random.below(60_000)) }
        begin()
    }

    private mutating func begin() {
        isClockBack = false
        refusedAt = nil
        schedule = Schedule(sources.map { ScheduledSource(name: $0.name, interval: $0.interval, lastAttempt: $0.lastAttempt) }, at: now)
        for index in sources.indices {
            sources[index].pendingSince = nil
            // What came before is the business of the load at start; of what was answered by other clocks nothing is known any more.
            let error = clockError
            let step = sources[index].step
            let last = sources[index].lastAttempt ?? 0
            sources[index].answered.removeAll { abs($0.error - error) > step / 2 || $0.tick > last }
            sources[index].answered.append((Self.tick(sources[index].interval, now.wall), error))
            // A tick a little ahead that was attempted is taken for one before a small step back, whatever clock it was.
            let tick = Self.tick(sources[index].interval, last)
            if (0...step).contains(tick - now.wall) { sources[index].answered.append((tick, error)) }
        }
    }

    /// Lets time pass, asleep or waiting; the run goes on with it.
    private mutating func pass(_ milliseconds: Int64) {
        let before = now.wall
        time += milliseconds
        for index in sources.indices { crossed(index, from: before) }
        if let runEnd, runEnd <= time { endRun() }
    }

    /// Notes a tick that the clock has come to, unless it has answered it before.
    private mutating func crossed(_ index: Int, from before: Int64) {
        let source = sources[index]
        let tick = Self.tick(source.interval, now.wall)
        if source.answered.contains(where: { $0.tick >= tick && abs($0.error - clockError) <= source.step }) {
            // With the newest one all are answered: the clock was elsewhere meanwhile.
            sources[index].pendingSince = nil
        } else if tick > before, !isClockBack, source.pendingSince == nil {
            sources[index].pendingSince = time
        }
    }

    private static func tick(_ interval: Int64, _ wall: Int64) -> Int64 { wall / interval * interval }
}
