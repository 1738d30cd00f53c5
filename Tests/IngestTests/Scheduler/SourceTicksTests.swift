import MarketData
import Testing

@testable import Ingest

private let hour: Int64 = 3_600_000

private func wall(_ text: String) -> Int64 { try! Timestamp.parse(text).milliseconds }

/// A reading of both clocks, the wall clock written out and the monotonic one in milliseconds.
private func moment(_ text: String, _ monotonic: Int64) -> Moment { Moment(wall: wall(text), monotonic: monotonic) }

@Suite struct SourceTicksTests {
    private static let examples: [(interval: Int64, now: String, next: String)] = [
        (hour, "2026-03-01T10:25:07.001Z", "2026-03-01T11:00:00Z"), (900_000, "2026-03-01T10:25:07Z", "2026-03-01T10:30:00Z"),
        (day, "2026-02-28T10:25:07Z", "2026-03-01T00:00:00Z"), (hour, "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z"),
    ]

    @Test(arguments: examples) func ticksAreTheMultiplesOfTheIntervalInUTC(interval: Int64, now: String, next: String) {
        let now = moment(now, 0)
        let ticks = SourceTicks(interval: interval, at: now)
        #expect(!ticks.isDue(at: now) && ticks.next(at: now) == wall(next))
    }

    /// In hours: the interval, a time, and the newest tick that is not after it. The last ones are a clock that is not set at all.
    private static let hours: [[Int64]] = [[7, 20, 14], [7, 21, 21], [7, 24, 21], [2, -1, -2], [2, -2, -2]]

    @Test(arguments: hours) func ticksAreCountedFrom1970(hours: [Int64]) {
        #expect(SourceTicks.tick(of: hours[0] * hour, at: hours[1] * hour) == hours[2] * hour)
    }

    @Test func aTickIsDueUntilItIsAnswered() {
        var ticks = SourceTicks(interval: hour, at: moment("2026-01-01T09:30:00Z", 0))
        #expect(!ticks.isDue(at: moment("2026-01-01T09:59:59.999Z", 1_799_999)))
        #expect(ticks.isDue(at: moment("2026-01-01T10:00:00Z", 1_800_000)))
        #expect(ticks.answer(at: moment("2026-01-01T09:59:00Z", 1_740_000)) == nil, "an attempt before the tick is none for it")
        #expect(ticks.isDue(at: moment("2026-01-01T10:40:00Z", 4_200_000)))
        #expect(ticks.answer(at: moment("2026-01-01T10:40:00Z", 4_200_000)) == wall("2026-01-01T10:00:00Z"))
        #expect(!ticks.isDue(at: moment("2026-01-01T10:59:59Z", 5_399_000)))
    }

    @Test func manyMissedTicksAreOne() {
        var ticks = SourceTicks(interval: hour, at: moment("2026-01-01T09:30:00Z", 0))
        let later = moment("2026-01-03T17:20:00Z", 2 * day + 28_200_000)
        #expect(ticks.isDue(at: later) && ticks.answer(at: later) == wall("2026-01-03T17:00:00Z"))
        #expect(!ticks.isDue(at: later) && ticks.next(at: later) == wall("2026-01-03T18:00:00Z"))
    }

    @Test func aSmallStepBackDoesNotShowATickTwice() {
        var ticks = SourceTicks(interval: hour, at: moment("2026-01-01T09:30:00Z", 0))
        #expect(ticks.answer(at: moment("2026-01-01T10:00:00.050Z", 1_800_050)) != nil)
        let before = moment("2026-01-01T09:59:59.600Z", 1_800_100)
        ticks.follow(before)
        #expect(!ticks.isDue(at: before) && ticks.next(at: before) == wall("2026-01-01T11:00:00Z"))
        let again = moment("2026-01-01T10:00:00.200Z", 1_800_700)
        ticks.follow(again)
        #expect(!ticks.isDue(at: again), "the clock showed ten twice, and the source is asked twice")
    }

    @Test func aClockSetFarBackIsFollowed() {
        var ticks = SourceTicks(interval: hour, at: moment("2026-01-01T09:30:00Z", 0))
        _ = ticks.answer(at: moment("2026-01-01T10:00:00Z", 1_800_000))
        let back = moment("2026-01-01T05:40:00Z", 1_801_000)
        ticks.follow(back)
        #expect(!ticks.isDue(at: back) && ticks.next(at: back) == wall("2026-01-01T06:00:00Z"), "it waits for the clock to be where it was")
    }

    @Test func aClockThatIsPutRightAgainRepeatsNothing() {
        var ticks = SourceTicks(interval: hour, at: moment("2026-01-01T09:30:00Z", 0))
        _ = ticks.answer(at: moment("2026-01-01T10:00:00Z", 1_800_000))
        let wrong = moment("2026-01-01T06:00:10Z", 1_810_000)
        ticks.follow(wrong)
        _ = ticks.answer(at: wrong)
        let right = moment("2026-01-01T10:00:30Z", 1_830_000)
        ticks.follow(right)
        #expect(!ticks.isDue(at: right), "ten o'clock was answered by this very clock")
        #expect(ticks.next(at: right) == wall("2026-01-01T11:00:00Z"))
    }

    @Test func aForwardJumpOverATickIsDueOnce() {
        var ticks = SourceTicks(interval: hour, at: moment("2026-01-01T09:30:00Z", 0))
        let jumped = moment("2026-01-05T03:10:00Z", 1_000)
        ticks.follow(jumped)
        #expect(ticks.isDue(at: jumped) && ticks.answer(at: jumped) != nil && !ticks.isDue(at: jumped))
    }

    @Test func aStepBackDuringARestartDoesNotShowATickTwice() {
        let now = moment("2026-01-01T09:59:58Z", 50)
        let ticks = SourceTicks(interval: hour, at: now, lastAttempt: wall("2026-01-01T10:00:00.100Z"))
        #expect(ticks.next(at: now) == wall("2026-01-01T11:00:00Z"))
        let far = SourceTicks(interval: hour, at: now, lastAttempt: wall("2026-01-01T20:00:00Z"))
        #expect(far.next(at: now) == wall("2026-01-01T10:00:00Z"), "an attempt far ahead was made by another clock")
    }
}
