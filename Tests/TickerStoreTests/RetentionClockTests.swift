import MarketData
import Testing

@testable import TickerStore

/// Nothing is dropped on the word of a clock that is ahead.
@Suite struct RetentionClockTests {
    static let day: Int64 = 86_400_000
    static let today: Int64 = 1_700_000_000_000

    @Test func aClockThatGoesOnIsBelieved() {
        var clock = RetentionClock(believed: Self.today)
        for hour in 0..<100 { #expect(clock.time(Self.today + Int64(hour) * 3_600_000) == Self.today + Int64(hour) * 3_600_000) }
    }

    @Test func aJumpIsBelievedAfterADay() {
        var clock = RetentionClock(believed: Self.today)
        let later = Self.today + 200 * Self.day
        #expect(clock.time(later) == Self.today && clock.doubtedSince == later)
        #expect(clock.time(later + Self.day - 1) == Self.today)
        #expect(clock.time(later + Self.day) == later + Self.day && clock.doubtedSince == nil)
    }

    @Test func aClockThatIsSetRightWasNeverBelieved() {
        var clock = RetentionClock(believed: Self.today)
        _ = clock.time(Self.today + 200 * Self.day)
        #expect(clock.time(Self.today + 60_000) == Self.today + 60_000 && clock.doubtedSince == nil)
        #expect(clock.time(Self.today + 202 * Self.day) == Self.today + 60_000, "the first jump has proved nothing")
        #expect(clock.time(Self.today + 100 * Self.day) == Self.today + 60_000 && clock.doubtedSince == Self.today + 100 * Self.day)
        #expect(clock.time(Self.today - 5) == Self.today - 5, "never after what the clock says")
    }

    /// A store as it is after a run, with a raw and a quarantined record.
    @Test func aStoreUnderAClockThatIsAheadDropsNothing() throws {
        let disk = SimulatedFileSystem()
        func open(daysAhead: Int64) throws -> StoreEngine {
            var options = StoreOptions.test()
            options.retention = Retention(rows: 30 * Self.day, raw: 90 * Self.day, quarantine: 90 * Self.day)
            options.now = { Self.today + daysAhead * Self.day }
            return try StoreEngine(path: "data", fileSystem: disk, options: options)
        }
        func work(_ engine: StoreEngine, _ number: Int, at time: Int64) throws {
            var batch = Batch([TestRow(milliseconds: time)], number: number)
            batch.origin.fetchedAt = Timestamp(milliseconds: time)
            batch.quarantined = [
                QuarantinedRecord(content: [1], reasons: ["x"], place: "p", position: 1, digest: RecordDigest(high: UInt64(number), low: 1))
            ]
            _ = try engine.commit([batch])[0].get()
            try engine.sealAll()
            while try engine.runJob() {}
            try engine.close()
        }
        try work(open(daysAhead: 0), 1, at: Self.today)
        // Each start with the wrong clock stores something under it.
        for number in 2..<5 {
            let engine = try open(daysAhead: 200)
            try work(engine, number, at: Self.today + 200 * Self.day)
            let counts = engine.snapshot().counts
            #expect(counts.rows == 2 && counts.rawRecords == 2 && counts.quarantined == number, "start \(number): \(counts)")
        }
        let later = try open(daysAhead: 201)
        while try later.runJob() {}
        #expect(later.snapshot().counts.quarantined < 4, "a clock that has gone on for a day is not believed either")
    }
}
