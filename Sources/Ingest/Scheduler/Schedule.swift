/// A source as the schedule sees it.
struct ScheduledSource: Sendable, Equatable {
    var name: String
    /// Milliseconds.
    var interval: Int64
    /// When a run over it began last, in milliseconds since 1970, as an earlier process left it; nil: never.
    var lastAttempt: Int64?
}

/// What runs do, as the schedule asks for it.
struct RunActivity: Sendable {
    var isRunning = false
    /// When each source was attempted last in this process.
    var attempts: [String: Moment] = [:]
}

/// When which sources are loaded (spec section 8): a pure value, to be told what time it is and what runs do.
///
/// It begins with the load at start. Then each source has its ticks (`SourceTicks`); those that are due together are loaded together. While a
/// run goes on it waits for its end. After a refusal it tries again a minute later, and at the next tick.
struct Schedule: Sendable {
    enum Step: Sendable, Equatable {
        /// Load these now, and when `atStart`, also what is due at start by rules of its own; then say `loaded` or `refused`.
        case load([String], atStart: Bool)
        /// Ask again after this time, when a run has ended, and soon after the clock was set.
        case wait(milliseconds: Int64)
    }

    static let retryMilliseconds: Int64 = 60_000
    /// A tick that waits for longer than this although no run goes on: something is wrong.
    static let stalledMilliseconds: Int64 = 120_000
    /// While a run goes on, whose end is not known.
    private static let runningMilliseconds: Int64 = 3_600_000

    private(set) var sources: [(source: ScheduledSource, ticks: SourceTicks)]
    private var isStarting = true
    /// Whether the process began with a clock that cannot be right: its ticks mean nothing then.
    private var beganWithWrongClock = false
    /// Attempts that have been noted, by the source's name.
    private var noted: [String: Moment] = [:]
    private var refusal: (at: Int64, tick: Int64)?
    /// The monotonic time since which something is due and no run goes on.
    private var overdueSince: Int64?
    /// The newest tick that was answered, in milliseconds since 1970.
    private(set) var lastTick: Int64?

    /// - Parameter lastTick: of the schedule before this one.
    init(_ sources: [ScheduledSource], at now: Moment, lastTick: Int64? = nil) {
        self.lastTick = lastTick
        self.sources = sources.map { ($0, SourceTicks(interval: $0.interval, at: now, lastAttempt: $0.lastAttempt)) }
    }

    /// What to do now.
    mutating func step(at now: Moment, _ activity: RunActivity) -> Step {
        observe(at: now, activity)
        let due = sources.filter { $0.ticks.isDue(at: now) }
        let untilTick = sources.map { $0.ticks.following(now) - now.wall }.min() ?? Self.runningMilliseconds
        guard isStarting || !due.isEmpty else { return .wait(milliseconds: untilTick) }
        if activity.isRunning { return .wait(milliseconds: Self.runningMilliseconds) }
        if let refusal, newestTick(at: now) <= refusal.tick {
            let untilRetry = refusal.at + Self.retryMilliseconds - now.monotonic
            if untilRetry > 0 { return .wait(milliseconds: min(untilRetry, untilTick)) }
        }
        return .load(due.map(\.source.name), atStart: isStarting)
    }

    /// What `step` asked for has begun, or there was nothing to load at start.
    ///
    /// - Parameter now: when it was asked for; the clock may have been set back since.
    mutating func loaded(_ names: [String], at now: Moment) {
        if isStarting, beganWithWrongClock {
            for index in sources.indices { sources[index].ticks = SourceTicks(interval: sources[index].source.interval, at: now) }
        }
        isStarting = false
        refusal = nil
        overdueSince = nil
        for index in sources.indices where names.contains(sources[index].source.name) { answer(index, at: now) }
    }

    /// What `step` asked for cannot begin now.
    ///
    /// - Parameter byClock: because the clock cannot be right.
    mutating func refused(at now: Moment, byClock: Bool) {
        if isStarting, byClock { beganWithWrongClock = true }
        refusal = (now.monotonic, newestTick(at: now))
    }

    /// Whether something is due for long and no run goes on.
    func isStalled(at now: Moment) -> Bool { overdueSince.map { now.monotonic - $0 > Self.stalledMilliseconds } ?? false }

    /// Takes in where the clock is and what runs did; to be called before anything is shown.
    mutating func observe(at now: Moment, _ activity: RunActivity) {
        for index in sources.indices {
            let name = sources[index].source.name
            if let attempt = activity.attempts[name], noted[name] != attempt {
                noted[name] = attempt
                answer(index, at: attempt)
            }
            sources[index].ticks.follow(now)
        }
        let isOverdue = !activity.isRunning && !sources.isEmpty && (isStarting || sources.contains { $0.ticks.isDue(at: now) })
        overdueSince = isOverdue ? overdueSince ?? now.monotonic : nil
    }

    private mutating func answer(_ index: Int, at moment: Moment) {
        if let tick = sources[index].ticks.answer(at: moment) { lastTick = tick }
    }

    private func newestTick(at now: Moment) -> Int64 {
        sources.map { SourceTicks.tick(of: $0.source.interval, at: now.wall) }.max() ?? .min
    }
}
