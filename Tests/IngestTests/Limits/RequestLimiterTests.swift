import MarketData
import Testing

@testable import Ingest

/// 2026-01-30T00:00:00Z and so many milliseconds.
func moment(_ milliseconds: Int64, wallAhead: Int64 = 0) -> Moment {
    Moment(wall: 1_769_731_200_000 + milliseconds + wallAhead, monotonic: 5_000_000 + milliseconds)
}

let minute: Int64 = 60_000
let day: Int64 = 86_400_000

extension RequestLimiter {
    /// One request, answered at once.
    mutating func call(_ status: Int?, _ headers: [(name: String, value: String)] = [], purpose: Purpose = .scheduled, at now: Moment) -> Admission {
        let admission = admit(purpose, at: now)
        if admission == .granted {
            finish(at: now)
            _ = absorb(status: status, hint: RateLimitHint(headers: headers, at: now.wall), at: now)
        }
        return admission
    }

    /// What the disk gives back.
    func restarted(savedAt: Moment, at now: Moment) -> (limiter: RequestLimiter, warning: String?) {
        var warning: String?
        let limiter = RequestLimiter(quota: quota, decoding: encoded(at: savedAt), at: now, warning: &warning)
        return (limiter, warning)
    }
}

@Suite struct RequestLimiterTests {
    // MARK: Another quota

    @Test func anotherQuotaForgetsNothingThatWasSpent() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 3), at: moment(0))
        for _ in 0..<3 { #expect(limiter.call(200, at: moment(0)) == .granted) }
        limiter.change(to: Quota(perMinute: 5))
        #expect(limiter.call(200, at: moment(1)) == .granted && limiter.call(200, at: moment(1)) == .granted)
        #expect(limiter.call(200, at: moment(1)) != .granted, "six calls in a minute")
        limiter.change(to: Quota(perMinute: 1))
        #expect(limiter.available(at: moment(1)) == 0 && limiter.call(200, at: moment(60_049)) != .granted)
        #expect(limiter.call(200, at: moment(60_051)) == .granted)
    }

    // MARK: Throttling

    @Test(arguments: [429, 503]) func throttlingHalvesAndEachCleanMinuteGivesOneBack(status: Int) {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        for expected in [5, 2, 1, 1] {
            _ = limiter.absorb(status: status, at: moment(0))
            #expect(limiter.effectiveQuota(at: moment(0)) == expected)
        }
        #expect(limiter.effectiveQuota(at: moment(minute - 1)) == 1)
        #expect(limiter.effectiveQuota(at: moment(3 * minute)) == 4)
        // A minute is clean only when nothing throttled in it.
        _ = limiter.absorb(status: status, at: moment(3 * minute + 30_000))
        #expect(limiter.effectiveQuota(at: moment(4 * minute)) == 2)
        #expect(limiter.effectiveQuota(at: moment(100 * minute)) == 10, "the quota is the most there ever is")
    }

    @Test(arguments: [200, 404, 500, 502]) func otherAnswersDoNotHalve(status: Int) {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        #expect(limiter.absorb(status: status, at: moment(0)) == .init() && limiter.effectiveQuota(at: moment(0)) == 10)
    }

    @Test func aHalvedQuotaIsWhatRequestsGet() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 4), at: moment(0))
        #expect(limiter.call(429, at: moment(0)) == .granted)
        #expect(limiter.call(200, at: moment(0)) == .granted)
        #expect(limiter.admit(.scheduled, at: moment(0)) == .wait(milliseconds: 60_050, .quota))
    }

    @Test func anAnswerPinsTheNextRequest() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        #expect(limiter.call(429, [("Retry-After", "90")], at: moment(0)) == .granted)
        #expect(limiter.admit(.scheduled, at: moment(0)) == .wait(milliseconds: 90_000, .upstream))
        #expect(limiter.admit(.manual, earliest: moment(95_000).monotonic, at: moment(0)) == .wait(milliseconds: 95_000, .backoff))
        #expect(limiter.notBefore(at: moment(1_000)) == moment(90_000).wall)
        #expect(limiter.admit(.scheduled, at: moment(90_000)) == .granted)
    }

    @Test func aPinMoreThanAMonthAheadIsNotBelieved() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        let hint = RateLimitHint(headers: [("Retry-After", String(31 * 86_400 + 1))], at: moment(0).wall)
        let absorbed = limiter.absorb(status: 429, hint: hint, at: moment(0))
        #expect(absorbed.warning?.contains("31") == true)
        #expect(limiter.admit(.scheduled, at: moment(0)) == .granted)
    }

    @Test func onlyWhatARestartMustKnowIsWrittenDown() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        #expect(!limiter.absorb(status: 200, at: moment(0)).mustBeKept)
        #expect(!limiter.absorb(status: nil, at: moment(0)).mustBeKept)
        #expect(!limiter.absorb(status: 500, at: moment(0)).mustBeKept)
        for status in [402, 429, 503, 200] { #expect(limiter.absorb(status: status, at: moment(0)).mustBeKept, "\(status)") }
    }

    // MARK: 402

    @Test func paymentRequiredStopsTheSourceButForOneProbeADay() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        #expect(limiter.call(402, at: moment(0)) == .granted)
        #expect(limiter.admit(.scheduled, at: moment(day - 1)) == .refused(.paymentRequired(nextProbe: moment(day).wall)))
        #expect(limiter.call(500, at: moment(day)) == .granted && !limiter.allowsRetry)
        // The next probe would be on 1 February, when the month is over anyway.
        #expect(limiter.admit(.scheduled, at: moment(day + 1)) == .refused(.paymentRequired(nextProbe: moment(2 * day).wall)))
        #expect(limiter.call(200, at: moment(2 * day)) == .granted && limiter.allowsRetry)
    }

    @Test func aProbeThatIsAnsweredEndsTheStop() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        _ = limiter.call(402, at: moment(0))
        #expect(limiter.call(200, at: moment(day)) == .granted)
        #expect(limiter.call(200, at: moment(day)) == .granted)
    }

    @Test func aManualRequestIsTriedAtOnceInSpiteOf402() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        _ = limiter.call(402, at: moment(0))
        #expect(limiter.call(402, purpose: .manual, at: moment(1_000)) == .granted)
        #expect(limiter.admit(.scheduled, at: moment(day)) == .refused(.paymentRequired(nextProbe: moment(day + 1_000).wall)))
    }

    @Test func aClockFarAheadHoldsA402UpNoLongerThanADayOnceItIsRight() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        _ = limiter.call(402, at: moment(0, wallAhead: 9_000 * day))
        #expect(limiter.admit(.scheduled, at: moment(0)) != .granted)
        #expect(limiter.admit(.scheduled, at: moment(day)) == .granted)
    }

    // MARK: The month's budget

    @Test func aMonthsBudgetIsCountedByTheCalendar() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10, perMonth: 2), at: moment(0))
        for _ in 0..<2 { #expect(limiter.call(200, at: moment(0)) == .granted) }
        let february = moment(2 * day).wall
        #expect(limiter.admit(.manual, at: moment(minute)) == .refused(.monthBudget(of: 2, until: february)))
        #expect(limiter.notBefore(at: moment(minute)) == february)
        #expect(limiter.admit(.scheduled, at: moment(2 * day - 1)) == .refused(.monthBudget(of: 2, until: february)))
        #expect(limiter.admit(.scheduled, at: moment(2 * day)) == .granted && limiter.monthUsed(at: moment(2 * day)) == 1)
    }

    @Test func aClockThatGoesBackOverTheEndOfTheMonthGivesNoSecondBudget() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10, perMonth: 2), at: moment(2 * day))
        for _ in 0..<2 { _ = limiter.call(200, at: moment(2 * day)) }
        #expect(limiter.admit(.scheduled, at: moment(day)) != .granted)
        #expect(limiter.admit(.scheduled, at: moment(2 * day)) != .granted)
        #expect(limiter.admit(.scheduled, at: moment(40 * day)) == .granted)
    }

    @Test func aMonthThatTheClockShowsForAWhileTakesNothingFromTheTrueOne() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 100, perMonth: 10), at: moment(0))
        for _ in 0..<6 { _ = limiter.call(200, at: moment(0)) }
        #expect(limiter.call(200, at: moment(minute, wallAhead: 40 * day)) == .granted)
        #expect(limiter.monthUsed(at: moment(2 * minute)) == 6)
        for _ in 0..<4 { #expect(limiter.call(200, at: moment(2 * minute)) == .granted) }
        #expect(limiter.admit(.scheduled, at: moment(3 * minute)) == .refused(.monthBudget(of: 10, until: moment(2 * day).wall)))
        #expect(limiter.monthUsed(at: moment(40 * day)) == 1)
    }

    @Test func aClockThatJumpsOverTheEndOfTheMonthBringsNoNewBudgetForADay() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 100, perMonth: 2), at: moment(0))
        for _ in 0..<2 { _ = limiter.call(200, at: moment(2 * day - 5 * minute)) }
        let february = moment(2 * day).wall
        #expect(
            limiter.admit(.scheduled, at: moment(2 * day - 4 * minute, wallAhead: day / 4))
                == .refused(.monthBudget(of: 2, until: february + day))
        )
        #expect(limiter.monthUsed(at: moment(2 * day - 4 * minute, wallAhead: day / 4)) == 0)
        #expect(limiter.admit(.scheduled, at: moment(2 * day - 3 * minute)) == .refused(.monthBudget(of: 2, until: february)))
        #expect(limiter.admit(.scheduled, at: moment(3 * day)) == .granted)
    }

    @Test func aRequestThatWasNotSentIsNotCounted() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 1, perMonth: 1), at: moment(0))
        #expect(limiter.admit(.scheduled, at: moment(0)) == .granted)
        limiter.giveBack()
        #expect(limiter.admit(.scheduled, at: moment(0)) == .granted)
    }

    // MARK: The circuit

    @Test func afterThreeFailedAttemptsASourceIsProbedWithOneRequest() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        for _ in 0..<2 { limiter.attemptEnded(succeeded: false) }
        #expect(limiter.circuit == .closed && limiter.allowsRetry)
        limiter.attemptEnded(succeeded: false)
        limiter.beginAttempt()
        #expect(limiter.circuit == .open)
        #expect(limiter.admit(.scheduled, at: moment(0)) == .granted && limiter.circuit == .halfOpen && !limiter.allowsRetry)
        limiter.finish(at: moment(0))
        _ = limiter.absorb(status: nil, at: moment(0))
        #expect(limiter.circuit == .open && limiter.admit(.scheduled, at: moment(0)) == .refused(.circuitOpen))
        limiter.attemptEnded(succeeded: false)
        limiter.beginAttempt()
        #expect(limiter.admit(.scheduled, at: moment(minute)) == .granted, "the next run probes again")
    }

    @Test func aProbeThatIsAnsweredClosesTheCircuit() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10), at: moment(0))
        for _ in 0..<3 { limiter.attemptEnded(succeeded: false) }
        limiter.beginAttempt()
        #expect(limiter.call(200, at: moment(0)) == .granted)
        #expect(limiter.circuit == .closed && limiter.allowsRetry)
        limiter.attemptEnded(succeeded: true)
        #expect(limiter.failedAttempts == 0 && limiter.circuit == .closed)
    }
}
