import Testing

@testable import TickerStore

/// How long maintenance waits for a load.
@Suite struct LoadPauseTests {
    @Test func aLoadPutsOffUntilItPauses() {
        var load = LoadPause()
        load.note(rows: 1_000, at: 5_000)
        #expect(load.isOn(at: 5_000) && load.isOn(at: 5_099) && !load.isOn(at: 5_100))
    }

    @Test func fewRowsAreNoLoad() {
        var load = LoadPause()
        for time in stride(from: Int64(0), to: 1_000, by: 10) { load.note(rows: 499, at: time) }
        #expect(!load.isOn(at: 1_000), "batches of rows that were stored before write nothing")
    }

    @Test func aLoadWithoutEndIsNotWaitedFor() {
        var load = LoadPause()
        for time in stride(from: Int64(0), through: 40_000, by: 50) { load.note(rows: 1_000, at: time) }
        #expect(!load.isOn(at: 40_000))
        load.note(rows: 1_000, at: 41_000)
        #expect(load.isOn(at: 41_000), "after a pause it is another load")
    }

    @Test func batchesThatComeSlowlyLeaveTimeBetweenThem() {
        var load = LoadPause()
        load.note(rows: 1_000, at: 0)
        load.note(rows: 1_000, at: 900)
        #expect(load.isOn(at: 950) && !load.isOn(at: 1_000))
    }

    @Test func aClockThatIsSetBackEndsIt() {
        var load = LoadPause()
        load.note(rows: 1_000, at: 5_000)
        #expect(!load.isOn(at: 4_000))
    }
}
