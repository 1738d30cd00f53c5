import MarketData

/// A moment on both clocks: the wall's, to be kept on disk, and one that nobody can set, to measure with.
struct Moment: Sendable, Equatable {
    /// Milliseconds since 1970.
    var wall: Int64
    /// Milliseconds since this boot of the machine, time asleep included.
    var monotonic: Int64
}

/// The tokens of a source (spec section 7): each comes back 60 s after the call that took it has ended, so no window of
/// 60 s ever sees more calls than there are tokens, whatever the network does.
///
/// A pure value on the monotonic clock: callers say what time it is. Retries and failed calls spend like any other.
struct TokenBucket: Sendable, Equatable {
    /// The 50 ms on top of the minute are for what whole milliseconds and the change of clocks at a restart cut off, and for a clock that
    /// is being slewed: 500 parts in a million are 30 ms.
    static let windowMilliseconds: Int64 = 60_050

    private(set) var inFlight = 0
    /// When calls of the last minute ended, ascending.
    private(set) var ends: [Int64] = []

    init() {}

    /// - Parameter ends: when calls ended, in any order.
    init(ends: [Int64], at now: Moment) {
        self.ends = ends.sorted()
        forget(at: now)
    }

    /// Tokens there now, of so many.
    func available(of limit: Int, at now: Moment) -> Int {
        max(0, limit - inFlight - ends.count { now.monotonic - $0 < Self.windowMilliseconds })
    }

    /// Takes a token; nil when it was there, else the milliseconds after which to try again.
    ///
    /// - Parameter limit: how many tokens there are; it may change from call to call.
    mutating func take(of limit: Int, at now: Moment) -> Int64? {
        forget(at: now)
        let missing = inFlight + ends.count - limit + 1
        if missing <= 0 {
            inFlight += 1
            return nil
        }
        // With too many in flight nobody knows when one comes back.
        return missing <= ends.count ? ends[missing - 1] + Self.windowMilliseconds - now.monotonic : 1_000
    }

    /// The call that took a token has ended, well or badly.
    mutating func finish(at now: Moment) {
        precondition(inFlight > 0, "a call ended that never began")
        inFlight -= 1
        ends.append(now.monotonic)
    }

    /// A token that was taken and not used, because spending it could not be written down.
    mutating func giveBack() {
        precondition(inFlight > 0, "a token given back that was never taken")
        inFlight -= 1
    }

    private mutating func forget(at now: Moment) {
        let old = ends.prefix { now.monotonic - $0 >= Self.windowMilliseconds }.count
        if old > 0 { ends.removeFirst(old) }
    }
}
