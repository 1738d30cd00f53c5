import MarketData

/// A moment on both clocks: the wall's, to be kept on disk, and one that nobody can set, to measure with.
struct Moment: Sendable, Equatable {
    /// Milliseconds since 1970.
    var wall: Int64
    /// Milliseconds since some moment in this boot.
    var monotonic: Int64
}

/// A source's quota (spec section 7): Q tokens; each comes back 60 s after the call that took it has ended, so no window of
/// 60 s ever sees more than Q calls, whatever the network does.
///
/// A pure value: callers say what time it is. Retries and failed calls spend like any other.
struct TokenBucket: Sendable, Equatable {
    ///
    /// The 50 ms on top are for what whole milliseconds and the change of clocks at a restart cut off.
    static let windowMilliseconds: Int64 = 60_050

    let quota: Int
    private var inFlight = 0
    /// When calls of the last minute ended, on the monotonic clock.
    private var ends: [Int64] = []

    init(quota: Int) { self.quota = quota }

    /// Tokens there now.
    func available(at now: Moment) -> Int {
        max(0, quota - inFlight - ends.count { now.monotonic - $0 < Self.windowMilliseconds })
    }

    /// Takes a token; nil when it was there, else the milliseconds after which to try again.
    mutating func take(at now: Moment) -> Int64? {
        ends.removeAll { now.monotonic - $0 >= Self.windowMilliseconds }
        if inFlight + ends.count < quota {
            inFlight += 1
            return nil
        }
        // With every token in flight nobody knows when one comes back.
        return ends.min().map { $0 + Self.windowMilliseconds - now.monotonic } ?? 1_000
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

    /// For the disk, with wall-clock times.
    func encoded(at now: Moment) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("in_flight", inFlight)
        writer.array("ended_ms", ends) { $0.number(now.wall - (now.monotonic - $1)) }
        writer.endObject()
        return writer.bytes
    }

    /// From the disk. A call that was in flight when the process died counts as ended now, and so does one that ended in the future.
    init(quota: Int, decoding bytes: [UInt8], at now: Moment) {
        self.quota = quota
        guard let root = try? JSONDocument(parsing: bytes).root else { return }
        let abandoned = Int(root.member("in_flight")?.integer ?? 0)
        ends = [Int64](repeating: now.monotonic, count: min(max(0, abandoned), quota))
        for end in root.member("ended_ms")?.elements.compactMap({ $0.integer }) ?? [] {
            ends.append(now.monotonic - max(0, now.wall - end))
        }
        ends.removeAll { now.monotonic - $0 >= Self.windowMilliseconds }
    }
}
