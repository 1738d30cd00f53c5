import Testing

@testable import Ingest

@Suite struct TokenBucketTests {
    private func at(_ milliseconds: Int64) -> Moment { Moment(wall: 1_700_000_000_000 + milliseconds, monotonic: milliseconds) }

    @Test func theWholeQuotaIsUsableAtOnce() {
        var bucket = TokenBucket(quota: 3)
        for _ in 0..<3 { #expect(bucket.take(at: at(0)) == nil) }
        #expect(bucket.take(at: at(0)) != nil && bucket.available(at: at(0)) == 0)
    }

    @Test func aTokenComesBackAMinuteAfterItsCallHasEnded() {
        var bucket = TokenBucket(quota: 1)
        #expect(bucket.take(at: at(0)) == nil)
        bucket.finish(at: at(5_000))
        #expect(bucket.take(at: at(65_049)) == 1)
        #expect(bucket.take(at: at(65_050)) == nil)
    }

    @Test func aCallInFlightWhenTheProcessDiedCountsAsEndedAtTheRestart() {
        var bucket = TokenBucket(quota: 1)
        _ = bucket.take(at: at(0))
        var again = TokenBucket(quota: 1, decoding: bucket.encoded(at: at(0)), at: at(300_000))
        #expect(again.take(at: at(360_049)) == 1)
        #expect(again.take(at: at(360_050)) == nil)
    }

    @Test func anEndInTheFutureCountsAsNow() {
        var bucket = TokenBucket(quota: 1)
        _ = bucket.take(at: at(0))
        bucket.finish(at: at(0))
        // The machine's clock was set back by a day.
        let back = Moment(wall: 1_700_000_000_000 - 86_400_000, monotonic: 10)
        let again = TokenBucket(quota: 1, decoding: bucket.encoded(at: at(0)), at: back)
        #expect(again.available(at: back) == 0)
        #expect(again.available(at: Moment(wall: back.wall + 60_050, monotonic: 60_060)) == 1)
    }

    @Test(arguments: UInt64(1)...20) func noWindowEverHoldsMoreThanTheQuota(seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: Int64) -> Int64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Int64(random % UInt64(bound))
        }
        let quota = Int(next(12)) + 1
        var bucket = TokenBucket(quota: quota)
        var now: Int64 = 0
        var open: [Int64] = []
        var calls: [Int64] = []
        while now < 3_600_000 {
            now += next(3_000)
            switch next(10) {
            case 0..<6: if bucket.take(at: at(now)) == nil { calls.append(now); open.append(now) }
            case 6..<9: if !open.isEmpty { open.removeFirst(); bucket.finish(at: at(now)) }
            default:
                // A restart; what was in flight is gone.
                bucket = TokenBucket(quota: quota, decoding: bucket.encoded(at: at(now)), at: at(now))
                open.removeAll()
            }
        }
        for start in calls { #expect(calls.count { $0 >= start && $0 < start + 60_000 } <= quota, "seed \(seed): the window from \(start)") }
        #expect(calls.count >= quota, "seed \(seed): nothing was allowed")
    }
}
