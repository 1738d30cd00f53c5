/// The ticks of one source, the multiples of its interval since 1970-01-01T00:00Z, and which of them need nothing any more.
///
/// A pure value: callers say what time it is. A tick is answered by an attempt at or after it; one that nobody answered before the next one
/// came is answered with that. Ticks follow the wall clock wherever it is set: forward over a tick, and that is due at once; backward, and
/// the next one by the clock's new reading is.
struct SourceTicks: Sendable {
    /// A clock that was set by no more than this, or half an interval, is still the same clock: a tick that it shows twice is one tick.
    static let smallStepMilliseconds: Int64 = 60_000
    /// Settings of the clock whose answers are remembered, for one that is set wrong and put right again.
    private static let clocksKept = 4

    /// Milliseconds, at least 1.
    let interval: Int64
    /// The newest tick that needs no attempt, in milliseconds since 1970.
    private var answered: Int64
    /// The newest answered tick by each setting of the clock, which is told by how far it is ahead of the monotonic one; newest last.
    private var answers: [(tick: Int64, offset: Int64)]

    /// Ticks up to now are none of its business: what is to be done about them is decided at start.
    ///
    /// - Parameter lastAttempt: of an earlier process, milliseconds since 1970.
    init(interval: Int64, at now: Moment, lastAttempt: Int64? = nil) {
        self.interval = interval
        answered = Self.tick(of: interval, at: now.wall)
        answers = []
        // A small step back while there was no process.
        if let tick = lastAttempt.map({ Self.tick(of: interval, at: $0) }), (0...smallStep).contains(tick - now.wall) { answered = tick }
        answers = [(answered, now.wall - now.monotonic)]
    }

    /// The newest tick that is not after a time, in milliseconds since 1970.
    static func tick(of interval: Int64, at wall: Int64) -> Int64 {
        let past = wall % interval
        return wall - (past < 0 ? past + interval : past)
    }

    private func latest(_ now: Moment) -> Int64 { Self.tick(of: interval, at: now.wall) }

    func isDue(at now: Moment) -> Bool { latest(now) > answered }

    /// The tick that the next attempt is for, in milliseconds since 1970: one that has passed while it waits to be answered.
    func next(at now: Moment) -> Int64 { isDue(at: now) ? latest(now) : answered + interval }

    /// The next tick that will be due, in milliseconds since 1970, after now.
    func following(_ now: Moment) -> Int64 { max(latest(now), answered) + interval }

    /// Looks at where the clock is now; to be called before each of the questions above.
    mutating func follow(_ now: Moment) {
        if answered > now.wall { answered = latest(now) }
        // What was answered by this very clock, before a small step back or while it was wrong for a time, is answered.
        if let index = index(of: now) { answered = max(answered, answers[index].tick) }
    }

    /// Notes an attempt.
    ///
    /// - Returns: The tick that is answered by it; nil when all of them were.
    mutating func answer(at moment: Moment) -> Int64? {
        let tick = latest(moment)
        if let index = index(of: moment) {
            answers[index].tick = max(answers[index].tick, tick)
        } else {
            answers.append((tick, moment.wall - moment.monotonic))
            if answers.count > Self.clocksKept { answers.removeFirst() }
        }
        guard tick > answered else { return nil }
        answered = tick
        return tick
    }

    private var smallStep: Int64 { min(Self.smallStepMilliseconds, interval / 2) }

    private func index(of now: Moment) -> Int? { answers.lastIndex { abs(now.wall - now.monotonic - $0.offset) <= smallStep } }
}
