import Testing

@testable import Ingest

/// 2025-07-25T14:53:00Z in all of them.
@Suite struct RateLimitHintTests {
    static let now: Int64 = 1_753_455_180_000

    static func wait(_ status: Int, _ headers: (String, String)...) -> Int64? {
        RateLimitHint(headers: headers.map { (name: $0.0, value: $0.1) }, at: now).wait(afterStatus: status)
    }

    @Test(
        arguments: [
            ("119", 119_000), ("0", 0), (" 60 ", 60_000), ("1.5", 1_500), ("0.0001", 1), ("Fri, 25 Jul 2025 14:54:00 GMT", 60_000),
            ("Friday, 25-Jul-25 14:54:00 GMT", 60_000), ("Fri Jul 25 14:54:00 2025", 60_000), ("Fri, 25 Jul 2025 14:52:00 GMT", -60_000),
        ] as [(String, Int64)]
    )
    func retryAfterIsSecondsOrADateInAnyOfThreeForms(value: String, milliseconds: Int64) {
        #expect(Self.wait(429, ("Retry-After", value)) == milliseconds)
    }

    @Test(arguments: ["", "soon", "-5", "1e9", "12 s", "99999999999999999999", "1753455240"]) func whatIsNoTimeAsksForNothing(value: String) {
        // The last one is a number of seconds, and 55 years are for the limiter to disbelieve.
        let wait = Self.wait(429, ("Retry-After", value))
        #expect(wait == nil || value == "1753455240" && wait == 1_753_455_240_000)
    }

    @Test(arguments: [
        "1753455240", "1753455240000", "60", "2025-07-25 14:54:00 +0000", "2025-07-25T14:54:00Z", "Fri, 25 Jul 2025 14:54:00 GMT", "1753455240.0",
    ])
    func aResetIsAnEpochOrSecondsOrADate(value: String) {
        #expect(Self.wait(429, ("X-RateLimit-Reset", value)) == 60_000)
        #expect(Self.wait(429, ("x-ratelimit-limit", "30"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", value)) == 60_000)
    }

    @Test func theDraftsOfRateLimitHeadersAreUnderstood() {
        #expect(Self.wait(429, ("RateLimit-Limit", "10"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "50")) == 50_000)
        #expect(Self.wait(200, ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "50")) == 50_000)
        #expect(Self.wait(200, ("RateLimit", #""default";r=0;t=30"#)) == 30_000)
        #expect(Self.wait(200, ("RateLimit", #""burst";r=0;t=5, "day";r=0;t=3600, "month";r=9;t=99999"#)) == 3_600_000)
        #expect(Self.wait(200, ("RateLimit", "limit=100, remaining=0, reset=12")) == 12_000)
        #expect(Self.wait(200, ("RateLimit", #""default""#)) == nil)
    }

    @Test func whileSomeAreLeftAnAnswerPinsNothing() {
        #expect(Self.wait(200, ("X-RateLimit-Remaining", "3"), ("X-RateLimit-Reset", "60")) == nil)
        #expect(Self.wait(200, ("X-RateLimit-Reset", "60")) == nil)
        #expect(Self.wait(200, ("RateLimit", #""default";r=2;t=30"#), ("Retry-After", "30")) == nil)
        #expect(Self.wait(200, ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "60")) == 60_000)
        #expect(Self.wait(404, ("X-RateLimit-Remaining", "3"), ("X-RateLimit-Reset", "60")) == nil)
        #expect(Self.wait(404, ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "60")) == 60_000)
    }

    @Test func ofSeveralWindowsAfter429TheOneThatIsUsedUpCounts() {
        #expect(Self.wait(429, ("RateLimit", #""burst";r=0;t=5, "day";r=100;t=86400"#)) == 5_000)
        #expect(Self.wait(429, ("RateLimit", #""burst";r=1;t=5, "day";r=100;t=86400"#)) == 5_000)
    }

    @Test func retryAfterGoesBeforeAReset() {
        #expect(Self.wait(429, ("Retry-After", "10"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "60")) == 10_000)
    }

    @Test func theAnswersOwnClockGoesBeforeOurs() {
        // Its clock is a day ahead of ours.
        #expect(Self.wait(429, ("Date", "Sat, 26 Jul 2025 14:53:30 GMT"), ("Retry-After", "Sat, 26 Jul 2025 14:54:00 GMT")) == 30_000)
        #expect(Self.wait(429, ("Date", "Sat, 26 Jul 2025 14:53:30 GMT"), ("X-RateLimit-Reset", "1753541640")) == 30_000)
    }
}
