import MarketData

/// Everything that decides whether a source may send a request now (spec section 7): tokens, the answers' own words about limits,
/// the month's budget, 402 and the circuit.
///
/// A pure value: callers say what time it is, and keep it on disk (`RequestLimiter+Disk.swift`).
struct RequestLimiter: Sendable, Equatable {
    /// What a request is, where that matters.
    enum Purpose: Sendable {
        case scheduled
        /// Somebody asked for this very source: the first request goes out although the API wants to be paid.
        case manual
        /// Another hop of a request that was admitted.
        case redirect
    }

    /// Why a request waits.
    enum WaitReason: String, Sendable {
        case quota
        /// The API said when to come back.
        case upstream
        /// The pause before a retry.
        case backoff
    }

    enum Refusal: Sendable, Equatable {
        /// 402 was answered; the times are milliseconds since 1970.
        case paymentRequired(nextProbe: Int64)
        case monthBudget(of: Int, until: Int64)
        /// The one request that an open circuit lets through has failed.
        case circuitOpen
    }

    enum Admission: Sendable, Equatable {
        /// A token is taken.
        case granted
        case wait(milliseconds: Int64, WaitReason)
        case refused(Refusal)
    }

    /// The state of the circuit breaker.
    enum Circuit: String, Sendable {
        case closed, open
        case halfOpen = "half_open"
    }

    /// What absorbing an answer changed.
    struct Absorbed: Sendable, Equatable {
        /// A restart must know of it.
        var mustBeKept = false
        var warning: String?
    }

    /// A limit below the quota, since API or time last moved it (monotonic milliseconds).
    struct Reduction: Sendable, Equatable {
        var limit: Int
        var since: Int64
    }

    /// 402 was answered in this month; milliseconds since 1970 of the last try.
    struct PaymentStop: Sendable, Equatable {
        var month: UTCMonth
        var probedAt: Int64
    }

    private enum Probe: Sendable { case none, inFlight, passed, failed }

    static let longestPinMilliseconds: Int64 = 31 * 86_400_000
    static let failuresThatOpen = 3
    private static let minuteMilliseconds: Int64 = 60_000
    private static let dayMilliseconds: Int64 = 86_400_000

    private(set) var quota: Quota
    var bucket = TokenBucket()
    var reduction: Reduction?
    /// No request before this, on the monotonic clock.
    var pin: Int64?
    var months: MonthCounts
    var paymentStop: PaymentStop?
    /// Attempts, a source's part in a run each, that failed one after the other.
    var failedAttempts = 0
    private var probe = Probe.none

    /// - Parameter quota: a minute's is at least 1.
    init(quota: Quota, at now: Moment) {
        self.quota = Quota(perMinute: max(1, quota.perMinute), perMonth: quota.perMonth)
        months = MonthCounts(at: now)
    }

    /// Another quota counts from now on; what was spent stays spent.
    mutating func change(to quota: Quota) {
        self.quota = Quota(perMinute: max(1, quota.perMinute), perMonth: quota.perMonth)
        if let reduction, reduction.limit >= self.quota.perMinute { self.reduction = nil }
    }

    // MARK: Requests

    /// Asks for a token.
    ///
    /// - Parameter earliest: no request before this monotonic time, whatever else is allowed: the pause before a retry.
    mutating func admit(_ purpose: Purpose, earliest: Int64 = .min, at now: Moment) -> Admission {
        turnMonth(at: now)
        if purpose != .redirect {
            if let stop = paymentStop, purpose != .manual, now.wall - stop.probedAt < Self.dayMilliseconds {
                return .refused(.paymentRequired(nextProbe: min(stop.probedAt + Self.dayMilliseconds, stop.month.next.start)))
            }
            if circuit == .open, probe == .failed { return .refused(.circuitOpen) }
        }
        if let budget = quota.perMonth, let until = months.usedUp(budget, at: now) { return .refused(.monthBudget(of: budget, until: until)) }
        let pinned = max(pin ?? .min, earliest)
        if pinned > now.monotonic {
            return .wait(milliseconds: pinned - now.monotonic, earliest == pinned ? .backoff : .upstream)
        }
        if let wait = bucket.take(of: effectiveQuota(at: now), at: now) { return .wait(milliseconds: wait, .quota) }
        months.add(at: now)
        paymentStop?.probedAt = now.wall
        if failedAttempts >= Self.failuresThatOpen, probe == .none { probe = .inFlight }
        return .granted
    }

    /// The request was not sent, because its spend could not be written down.
    mutating func giveBack() {
        bucket.giveBack()
        months.takeBack()
        if probe == .inFlight { probe = .none }
    }

    /// The call that was granted a token has ended, well or badly.
    mutating func finish(at now: Moment) { bucket.finish(at: now) }

    /// Takes in what a request came to.
    ///
    /// - Parameters:
    ///   - status: nil when there was no answer.
    ///   - hint: what the answer's headers say.
    mutating func absorb(status: Int?, hint: RateLimitHint = RateLimitHint(), at now: Moment) -> Absorbed {
        var absorbed = Absorbed()
        let isSuccess = status.map { (200..<400).contains($0) } ?? false
        if probe == .inFlight { probe = isSuccess ? .passed : .failed }
        guard let status else { return absorbed }
        if status == 402 {
            paymentStop = PaymentStop(month: UTCMonth(of: now.wall), probedAt: now.wall)
            absorbed.mustBeKept = true
            return absorbed
        }
        if isSuccess, paymentStop != nil {
            paymentStop = nil
            absorbed.mustBeKept = true
        }
        if status == 429 || status == 503 {
            reduction = Reduction(limit: max(1, effectiveQuota(at: now) / 2), since: now.monotonic)
            absorbed.mustBeKept = true
        }
        if let wait = hint.wait(afterStatus: status), wait > 0 {
            if wait > Self.longestPinMilliseconds {
                absorbed.warning = "the answer asks to wait for \(wait / 86_400_000) days; more than 31 are not believed"
            } else {
                pin = max(pin ?? .min, now.monotonic + wait)
                absorbed.mustBeKept = true
            }
        }
        return absorbed
    }

    // MARK: Attempts

    /// A run begins to ask this source.
    mutating func beginAttempt() { probe = .none }

    /// The source's part in a run has ended.
    mutating func attemptEnded(succeeded: Bool) {
        failedAttempts = succeeded ? 0 : min(failedAttempts + 1, 1_000_000)
        probe = .none
    }

    /// Whether a request that failed may be sent once more: a probe is one request.
    var allowsRetry: Bool { paymentStop == nil && circuit == .closed }

    var circuit: Circuit {
        if failedAttempts < Self.failuresThatOpen { return .closed }
        return switch probe {
        case .passed: .closed
        case .inFlight: .halfOpen
        case .none, .failed: .open
        }
    }

    // MARK: What is left

    /// Calls a minute that are allowed now: a throttled source gets one back with every minute in which it was not throttled again.
    func effectiveQuota(at now: Moment) -> Int {
        guard let reduction else { return quota.perMinute }
        return min(quota.perMinute, reduction.limit + Int(max(0, now.monotonic - reduction.since) / Self.minuteMilliseconds))
    }

    func available(at now: Moment) -> Int { bucket.available(of: effectiveQuota(at: now), at: now) }

    /// Milliseconds since 1970 before which nothing is sent on schedule, as far as that is known; nil: now is allowed.
    func notBefore(at now: Moment) -> Int64? {
        var view = self
        view.turnMonth(at: now)
        var times: [Int64] = []
        if let pin { times.append(now.wall + pin - now.monotonic) }
        if let stop = view.paymentStop { times.append(min(stop.probedAt + Self.dayMilliseconds, stop.month.next.start)) }
        if let until = quota.perMonth.flatMap({ view.months.usedUp($0, at: now) }) { times.append(until) }
        return times.filter { $0 > now.wall }.max()
    }

    func monthUsed(at now: Moment) -> Int {
        var view = self
        view.turnMonth(at: now)
        return view.months.used
    }

    /// Budget and 402 go by the calendar, so by the wall clock.
    private mutating func turnMonth(at now: Moment) {
        let present = UTCMonth(of: now.wall)
        months.turn(at: now)
        guard var stop = paymentStop else { return }
        stop.month = stop.month.seen(from: present)
        // A time in the future counts as now.
        stop.probedAt = min(stop.probedAt, now.wall)
        paymentStop = present > stop.month ? nil : stop
    }
}
