import Logging
import MarketData
import Synchronization
package import TickerStore

/// Loads the sources on schedule: a thread that asks `Schedule` what to do, does it, and waits.
package final class Scheduler: Sendable {
    /// A clock that was set, or a machine that slept, is noticed after this.
    static let longestWaitMilliseconds: Int64 = 5_000

    private let runs: any ScheduledRuns
    private let clock: @Sendable () -> Moment
    private let logger: Logger
    private let state: Mutex<State>
    /// An element ends a wait, closing it the thread.
    private let alarm = BlockingQueue<Void>()
    /// Closed by the thread's end.
    private let threadEnd = BlockingQueue<Void>()

    private struct State {
        /// The interval of sources without one of their own.
        var everyMilliseconds: Int64
        var isEnabled: Bool
        var schedule: Schedule
        var isIdle: Bool { !isEnabled || schedule.sources.isEmpty }
        /// Why the last load was refused.
        var problem: RefreshError?
    }

    /// - Parameters:
    ///   - runs: what is asked to load sources.
    ///   - everyMilliseconds: the interval of sources without one of their own.
    ///   - isEnabled: false: nothing is ever loaded, `status` says so.
    package convenience init(runs: RunService, everyMilliseconds: Int64, isEnabled: Bool) {
        self.init(
            runs: runs,
            everyMilliseconds: everyMilliseconds,
            isEnabled: isEnabled,
            clock: runs.environment.now,
            logger: runs.environment.logger
        )
    }

    init(
        runs: any ScheduledRuns,
        everyMilliseconds: Int64,
        isEnabled: Bool = true,
        clock: @escaping @Sendable () -> Moment,
        logger: Logger
    ) {
        self.runs = runs
        self.clock = clock
        self.logger = logger
        let schedule = Schedule(runs.scheduledSources(every: everyMilliseconds), at: clock())
        state = Mutex(State(everyMilliseconds: everyMilliseconds, isEnabled: isEnabled, schedule: schedule))
    }

    /// Begins with the load at start. Call it once; while the schedule is off, or there is no source, nothing is loaded.
    ///
    /// - Throws: when there is no thread to be had.
    package func start() throws(ThreadError) {
        runs.onRunEnd { [alarm] in alarm.pushUrgent(()) }
        do throws(ThreadError) {
            try startThread { [self] in
                while let wait = turn(), alarm.popAll(waitingAtMost: Int(wait)) != nil {}
                threadEnd.close()
            }
        } catch {
            threadEnd.close()
            throw error
        }
    }

    /// Takes up another schedule, or the sources' new intervals, as a new start would: what is due by them is loaded soon. Where nothing is
    /// different, nothing happens.
    package func change(everyMilliseconds: Int64, isEnabled: Bool) {
        let sources = runs.scheduledSources(every: everyMilliseconds)
        let now = clock()
        state.withLock { state in
            let same = state.schedule.sources.map(\.source)
            state.everyMilliseconds = everyMilliseconds
            if same.map(\.name) == sources.map(\.name), same.map(\.interval) == sources.map(\.interval), state.isEnabled == isEnabled { return }
            state.isEnabled = isEnabled
            state.schedule = Schedule(sources, at: now, lastTick: state.schedule.lastTick)
        }
        alarm.pushUrgent(())
    }

    /// Ends a wait at once; nothing is loaded from now on but what is just being asked for.
    package func stop() { alarm.close() }

    /// Returns when the thread has ended.
    func waitUntilEnded() { _ = threadEnd.popAll() }

    /// Does what is due.
    ///
    /// - Returns: Milliseconds until the next turn; nil when there is none.
    func turn() -> Int64? {
        let activity = runs.activity
        let now = clock()
        let (step, everyMilliseconds) = state.withLock { state in
            (state.isIdle ? .wait(milliseconds: Self.longestWaitMilliseconds) : state.schedule.step(at: now, activity), state.everyMilliseconds)
        }
        switch step {
        case .wait(let milliseconds): return max(1, min(milliseconds, Self.longestWaitMilliseconds))
        case .load(let due, let isAtStart):
            let names = due + (isAtStart ? runs.dueAtStart(every: everyMilliseconds).filter { !due.contains($0) } : [])
            do throws(RefreshError) {
                // Where a run has begun meanwhile, its end is waited for.
                let hasBegun = names.isEmpty ? true : try runs.load(names, trigger: isAtStart ? "start" : "schedule")
                guard hasBegun else { return 1 }
                note(nil) { $0.loaded(names, at: now) }
            } catch .draining {
                return nil
            } catch {
                note(error) { $0.refused(at: now, byClock: error.isClock) }
            }
            return 1
        }
    }

    /// Takes down how a load came out, and tells it when it is not as it was the last time.
    private func note(_ problem: RefreshError?, _ change: (inout Schedule) -> Void) {
        let before = state.withLock { state in
            defer { state.problem = problem }
            change(&state.schedule)
            return state.problem
        }
        guard problem?.cause != before?.cause else { return }
        if let problem {
            logger.error(
                "the schedule cannot load the sources: \(problem.reason); it is tried again each minute and at each tick",
                metadata: ["cause": "\(problem.cause)"]
            )
        } else {
            logger.notice("the schedule can load the sources again")
        }
    }

    /// As of now. Does not block.
    package var status: ScheduleStatus {
        let activity = runs.activity
        let now = clock()
        var status = ScheduleStatus(state: .ok)
        state.withLock { state in
            let isEnabled = state.isEnabled
            status.everyMilliseconds = state.everyMilliseconds
            state.schedule.observe(at: now, activity)
            let isStalled = isEnabled && state.schedule.isStalled(at: now)
            status.state = !isEnabled ? .disabled : state.schedule.sources.isEmpty ? .idle : isStalled ? .stalled : .ok
            status.problem = state.problem?.reason
            status.sources = state.schedule.sources.map { source, ticks in
                ScheduleStatus.Source(
                    name: source.name,
                    everyMilliseconds: source.interval,
                    lastAttempt: (activity.attempts[source.name]?.wall ?? source.lastAttempt).map { Timestamp(milliseconds: $0) },
                    nextTick: isEnabled ? Timestamp(milliseconds: ticks.next(at: now)) : nil
                )
            }
            guard isEnabled else { return }
            status.lastTick = state.schedule.lastTick.map { Timestamp(milliseconds: $0) }
            status.nextTick = status.sources.compactMap(\.nextTick).min()
        }
        return status
    }
}

extension RefreshError {
    fileprivate var isClock: Bool { cause == "clock" }

    /// One word for what is to be told once.
    fileprivate var cause: String {
        switch self {
        case .clock: "clock"
        case .storeUnavailable: "store"
        case .noThread: "thread"
        case .draining: "draining"
        case .unknownSource: "source"
        case .busy: "busy"
        case .nothingWaits: "quarantine"
        }
    }

    fileprivate var reason: String {
        switch self {
        case .clock(let reason), .storeUnavailable(let reason), .noThread(let reason): reason
        case .draining: "the process is stopping"
        case .busy(let runID): "run \(runID) goes on"
        case .nothingWaits: "no quarantined record is meant"
        case .unknownSource(let name, _): "there is no source \(name)"
        }
    }
}
