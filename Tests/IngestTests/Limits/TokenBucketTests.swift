import Testing

@testable import Ingest

@Suite struct TokenBucketTests {
    private func at(_ milliseconds: Int64) -> Moment { Moment(wall: 1_700_000_000_000 + milliseconds, monotonic: milliseconds) }

    @Test func theWholeQuotaIsUsableAtOnce() {
        var bucket = TokenBucket()
        for _ in 0..<3 { #expect(bucket.take(of: 3, at: at(0)) == nil) }
        #expect(bucket.take(of: 3, at: at(0)) != nil && bucket.available(of: 3, at: at(0)) == 0)
    }

    @Test func aTokenComesBackAMinuteAfterItsCallHasEnded() {
        var bucket = TokenBucket()
        #expect(bucket.take(of: 1, at: at(0)) == nil)
        bucket.finish(at: at(5_000))
        #expect(bucket.take(of: 1, at: at(65_049)) == 1)
        #expect(bucket.take(of: 1, at: at(65_050)) == nil)
    }

    @Test func withFewerTokensTheWaitIsForAllThatAreTooMany() {
        var bucket = TokenBucket()
        for second in 0..<4 {
            #expect(bucket.take(of: 4, at: at(Int64(second) * 1_000)) == nil)
            bucket.finish(at: at(Int64(second) * 1_000))
        }
        // Two tokens are left of four: three calls must be forgotten before there is one.
        #expect(bucket.take(of: 2, at: at(4_000)) == 58_050)
        #expect(bucket.take(of: 2, at: at(62_050)) == nil)
    }

    @Test func aTokenThatWasNotUsedComesBackAtOnce() {
        var bucket = TokenBucket()
        _ = bucket.take(of: 1, at: at(0))
        bucket.giveBack()
        #expect(bucket.take(of: 1, at: at(0)) == nil)
    }
}
