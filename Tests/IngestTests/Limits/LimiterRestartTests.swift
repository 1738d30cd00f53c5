import Testing

@testable import Ingest

/// What is left of a limiter when its process died.
@Suite struct LimiterRestartTests {
    private func full(_ quota: Quota = Quota(perMinute: 2), at now: Moment = moment(0)) -> RequestLimiter {
        var limiter = RequestLimiter(quota: quota, at: now)
        for _ in 0..<quota.perMinute { _ = limiter.call(200, at: now) }
        return limiter
    }

    @Test func aCallInFlightCountsAsEndedAtTheRestart() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 1), at: moment(0))
        _ = limiter.admit(.scheduled, at: moment(0))
        var again = limiter.restarted(savedAt: moment(0), at: moment(300_000)).limiter
        #expect(again.admit(.scheduled, at: moment(360_049)) == .wait(milliseconds: 1, .quota))
        #expect(again.admit(.scheduled, at: moment(360_050)) == .granted)
    }

    @Test func aRestartForgetsNoCallAndHoldsNoneLonger() {
        let again = full().restarted(savedAt: moment(100), at: moment(5_000)).limiter
        #expect(again.available(at: moment(60_049)) == 0)
        #expect(again.available(at: moment(60_050)) == 2)
    }

    @Test func anEndInTheFutureCountsAsNow() {
        let again = full().restarted(savedAt: moment(0), at: moment(10, wallAhead: -day)).limiter
        #expect(again.available(at: moment(60_059)) == 0)
        #expect(again.available(at: moment(60_060)) == 2)
    }

    @Test func aClockSetForwardWhileTheProcessWasAwayMakesNoCallOlder() {
        let again = full().restarted(savedAt: moment(0), at: moment(5_000, wallAhead: 400 * day)).limiter
        #expect(again.available(at: moment(60_049, wallAhead: 400 * day)) == 0)
        #expect(again.available(at: moment(60_050, wallAhead: 400 * day)) == 2)
    }

    @Test func afterABootCallsAreAsOldAsTheBootAtLeast() {
        let booted = Moment(wall: moment(0).wall + 400 * day, monotonic: 20_000)
        let again = full().restarted(savedAt: moment(0), at: booted).limiter
        #expect(again.available(at: booted) == 0)
        #expect(again.available(at: Moment(wall: booted.wall, monotonic: 60_050)) == 2)
    }

    @Test func everythingThatIsKeptComesBack() {
        var limiter = full(Quota(perMinute: 8, perMonth: 100))
        _ = limiter.absorb(status: 429, hint: RateLimitHint(headers: [("Retry-After", "600")], at: moment(0).wall), at: moment(0))
        for _ in 0..<3 { limiter.attemptEnded(succeeded: false) }
        let (again, warning) = limiter.restarted(savedAt: moment(1_000), at: moment(61_000))
        #expect(warning == nil && again.circuit == .open && again.monthUsed(at: moment(61_000)) == 8)
        #expect(again.effectiveQuota(at: moment(61_000)) == 5, "4, and 1 for the minute")
        #expect(again.notBefore(at: moment(61_000)) == moment(600_000).wall)
        _ = limiter.absorb(status: 402, at: moment(0))
        var stopped = limiter.restarted(savedAt: moment(0), at: moment(700_000)).limiter
        #expect(stopped.admit(.scheduled, at: moment(700_000)) == .refused(.paymentRequired(nextProbe: moment(day).wall)))
    }

    @Test func aPinThatTheClockMovedFarAheadIsNotBelieved() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 2), at: moment(0))
        _ = limiter.call(429, [("Retry-After", "600")], at: moment(0))
        let (again, warning) = limiter.restarted(savedAt: moment(0), at: moment(1_000, wallAhead: -32 * day))
        #expect(warning?.contains("31 days") == true && again.notBefore(at: moment(1_000, wallAhead: -32 * day)) == nil)
    }

    @Test func aClockSetForwardWhileTheProcessWasAwayEndsNoPin() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 2), at: moment(0))
        _ = limiter.call(429, [("Retry-After", "600")], at: moment(0))
        var again = limiter.restarted(savedAt: moment(0), at: moment(5_000, wallAhead: day)).limiter
        #expect(again.admit(.scheduled, at: moment(5_000, wallAhead: day)) == .wait(milliseconds: 595_000, .upstream))
        let booted = Moment(wall: moment(0).wall + day, monotonic: 20_000)
        #expect(limiter.restarted(savedAt: moment(0), at: booted).limiter.notBefore(at: booted) == nil, "after a boot only the wall clock can tell")
    }

    @Test func countsOfAllMonthsComeBack() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 10, perMonth: 5), at: moment(0))
        for _ in 0..<3 { _ = limiter.call(200, at: moment(0)) }
        _ = limiter.call(200, at: moment(40 * day))
        let again = limiter.restarted(savedAt: moment(40 * day), at: moment(41 * day)).limiter
        #expect(again.monthUsed(at: moment(0)) == 3 && again.monthUsed(at: moment(41 * day)) == 1)
    }

    @Test func theCountOfAnOlderVersionIsRead() {
        func used(_ month: Int) -> Int {
            var warning: String?
            let kept = Array(#"{"in_flight":0,"ended_ms":[],"saved_ms":\#(moment(0).wall),"month":\#(month),"month_used":7}"#.utf8)
            return RequestLimiter(quota: Quota(perMinute: 5), decoding: kept, at: moment(0), warning: &warning).monthUsed(at: moment(0))
        }
        #expect(used(202_601) == 7 && used(202_512) == 0)
        #expect(used(203_001) == 7, "a clock that was far ahead gives no new budget")
    }

    @Test func aClockSetBackDoesNotMakeAPinLonger() {
        var limiter = RequestLimiter(quota: Quota(perMinute: 2), at: moment(0))
        _ = limiter.call(429, [("Retry-After", "600")], at: moment(0))
        var again = limiter.restarted(savedAt: moment(0), at: moment(1_000, wallAhead: -day)).limiter
        #expect(again.admit(.scheduled, at: moment(1_000, wallAhead: -day)) == .wait(milliseconds: 600_000, .upstream))
    }

    @Test func whatTheFirstVersionKeptIsRead() {
        var warning: String?
        let kept = Array(#"{"in_flight":1,"ended_ms":[\#(moment(-1_000).wall),\#(moment(-70_000).wall)]}"#.utf8)
        let limiter = RequestLimiter(quota: Quota(perMinute: 5), decoding: kept, at: moment(0), warning: &warning)
        #expect(warning == nil && limiter.available(at: moment(0)) == 3)
        #expect(limiter.available(at: moment(59_050)) == 4 && limiter.available(at: moment(60_050)) == 5)
    }

    @Test(arguments: ["", "[]", "{", "7"]) func whatCannotBeReadCountsAsTheWholeQuota(kept: String) {
        var warning: String?
        let limiter = RequestLimiter(quota: Quota(perMinute: 5), decoding: Array(kept.utf8), at: moment(0), warning: &warning)
        #expect(warning != nil && limiter.available(at: moment(60_049)) == 0 && limiter.available(at: moment(60_050)) == 5)
    }

    @Test func absurdNumbersDoNoHarm() {
        let kept =
            #"{"in_flight":9223372036854775807,"ended_ms":[-9223372036854775808,9223372036854775807],"saved_ms":9223372036854775807,"#
            + #""saved_boot_ms":-1,"not_before_ms":9223372036854775807,"limit":-5,"limit_since_ms":9223372036854775807,"month":202613,"#
            + #""month_used":9223372036854775807,"payment_month":999912,"payment_probed_ms":9223372036854775807,"failed_attempts":-1}"#
        var warning: String?
        var limiter = RequestLimiter(quota: Quota(perMinute: 5), decoding: Array(kept.utf8), at: moment(0), warning: &warning)
        #expect(warning != nil)
        #expect(limiter.admit(.scheduled, at: moment(0)) == .refused(.paymentRequired(nextProbe: moment(day).wall)))
        #expect(limiter.admit(.scheduled, at: moment(day)) == .granted)
    }
}
