import NIOCore

/// How long a connection may stay as it is. Decides, and does nothing: `ConnectionGuard` tells it what happens and when, and does what it says.
///
/// At most one request is under way: `RequestGate` holds back the next one until the answer is written.
struct ConnectionState {
    /// What the clock ended.
    enum Timeout: Equatable {
        case head
        case body
        case page
    }

    enum Verdict: Equatable {
        /// All is well until then.
        case wait(until: NIODeadline)
        /// Nothing can be said to the client any more.
        case close
        /// Say so, and close.
        case answer(Timeout)
    }

    private struct Exchange: Equatable {
        var since: NIODeadline
        /// The request has been read to its end.
        var isWhole = false
        /// The answer's head has been written.
        var isAnswering = false
    }

    private enum Phase: Equatable {
        /// A head is expected; `hasBegun`: some of it is here.
        case head(since: NIODeadline, hasBegun: Bool)
        /// Between two requests.
        case idle(since: NIODeadline)
        case exchange(Exchange)
        /// Everything is said, and the client is given time to close.
        case lingering(since: NIODeadline)
    }

    private let limits: ServerLimits
    private let headTime: TimeAmount
    private var phase: Phase
    /// Whether the connection ends with the answer that is written or due.
    private(set) var isLast = false
    private var drainingSince: NIODeadline?
    /// Bytes that the kernel had taken, how many waited for it then, and when.
    private var progress: (taken: Int, waiting: Int, at: NIODeadline)?

    /// A connection that was accepted just now.
    init(limits: ServerLimits, isRestricted: Bool, now: NIODeadline) {
        self.limits = limits
        headTime = .seconds(Int64(isRestricted ? limits.restrictedHeadSeconds : limits.headSeconds))
        phase = .head(since: now, hasBegun: false)
        isLast = isRestricted
    }

    /// Some bytes of a head are here.
    mutating func headBegan(at now: NIODeadline) {
        switch phase {
        case .idle: phase = .head(since: now, hasBegun: true)
        case .head(let since, _): phase = .head(since: since, hasBegun: true)
        case .exchange, .lingering: break
        }
    }

    /// A whole head is here. `isPersistent`: its client will send another one.
    mutating func headArrived(at now: NIODeadline, isPersistent: Bool) {
        phase = .exchange(Exchange(since: now))
        if !isPersistent { isLast = true }
    }

    /// The request has been read to its end.
    mutating func requestEnded() {
        guard case .exchange(var exchange) = phase else { return }
        exchange.isWhole = true
        phase = .exchange(exchange)
    }

    /// Whether an answer to the request under way may still begin.
    var mayAnswer: Bool {
        if case .exchange(let exchange) = phase { return !exchange.isAnswering }
        if case .lingering = phase { return false }
        return true
    }

    /// The answer's head is about to be written. Afterwards `isLast` says whether it is to announce the end of the connection.
    mutating func answerBegan() {
        guard case .exchange(var exchange) = phase else { return }
        exchange.isAnswering = true
        phase = .exchange(exchange)
        // What is left of the body would have to be read for nothing, however much it is.
        if !exchange.isWhole { isLast = true }
    }

    /// The answer has no length, and its client knows no chunks: the end of the connection is its end.
    mutating func answerEndsWithConnection() { isLast = true }

    /// The answer's end has been handed to the socket.
    mutating func answerEnded(at now: NIODeadline) { phase = .idle(since: now) }

    /// The output is closed.
    mutating func lingers(from now: NIODeadline) {
        isLast = true
        phase = .lingering(since: now)
    }

    /// The server stops. False: nothing is under way, close at once.
    mutating func drain(at now: NIODeadline) -> Bool {
        isLast = true
        if drainingSince == nil { drainingSince = now }
        if case .exchange = phase { return true }
        if case .lingering = phase { return true }
        return false
    }

    /// What is due.
    ///
    /// - Parameters:
    ///   - taken: bytes of answers that the kernel has taken so far.
    ///   - waiting: bytes of answers that wait for it.
    ///   - isPatient: whether the request under way may take as long as it likes to be answered.
    mutating func check(at now: NIODeadline, taken: Int, waiting: Int, isPatient: @autoclosure () -> Bool) -> Verdict {
        if let stalled = stalled(at: now, taken, waiting) { return stalled }
        switch phase {
        case .head(let since, let hasBegun):
            return due(since + headTime, now, hasBegun ? .answer(.head) : .close)
        case .idle(let since):
            let end = since + .seconds(Int64(limits.idleSeconds))
            if now >= end { return .close }
            return .wait(until: waiting > 0 ? min(end, nextLook(now)) : end)
        case .lingering(let since):
            return due(since + .seconds(Int64(limits.lingerSeconds)), now, .close)
        case .exchange(let exchange):
            return check(exchange, now, isPatient)
        }
    }

    private func check(_ exchange: Exchange, _ now: NIODeadline, _ isPatient: () -> Bool) -> Verdict {
        var next = nextLook(now)
        if !exchange.isWhole {
            var end = exchange.since + .seconds(Int64(limits.bodySeconds))
            if let drainingSince { end = min(end, drainingSince + .seconds(Int64(limits.drainSeconds))) }
            if now >= end { return exchange.isAnswering ? .close : .answer(.body) }
            next = min(next, end)
        }
        if !exchange.isAnswering, let seconds = limits.pageSeconds {
            let end = exchange.since + .seconds(Int64(seconds))
            if now < end { next = min(next, end) } else if !isPatient() { return .answer(.page) }
        }
        return .wait(until: next)
    }

    private func due(_ end: NIODeadline, _ now: NIODeadline, _ verdict: Verdict) -> Verdict { now >= end ? verdict : .wait(until: end) }

    private var stallTime: TimeAmount { .seconds(Int64(drainingSince == nil ? limits.stallSeconds : limits.drainSeconds)) }

    /// A check at least so often keeps all the times of a request under way.
    var lookTime: TimeAmount {
        min(.nanoseconds(max(1, stallTime.nanoseconds / 3)), .seconds(Int64(min(limits.bodySeconds, limits.pageSeconds ?? limits.bodySeconds))))
    }

    /// Often enough to tell a client that reads slowly from one that does not read.
    private func nextLook(_ now: NIODeadline) -> NIODeadline {
        now + lookTime
    }

    private mutating func stalled(at now: NIODeadline, _ taken: Int, _ waiting: Int) -> Verdict? {
        guard waiting > 0 else {
            progress = nil
            return nil
        }
        guard let last = progress, taken - last.taken < min(limits.stallBytes, last.waiting) else {
            progress = (taken, waiting, now)
            return nil
        }
        return now >= last.at + stallTime ? .close : nil
    }
}
