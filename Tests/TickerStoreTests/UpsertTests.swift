import MarketData
import TestSupport
import Testing

@testable import TickerStore

@Suite struct UpsertTests {
    let disk = SimulatedFileSystem()

    @Test func newIdentityIsInserted() throws {
        let engine = try StoreEngine(disk)
        let counts = try engine.commit([TestRow(milliseconds: 1), TestRow(symbol: "ETH", milliseconds: 1)])
        #expect(counts.inserted == 2 && counts.updated == 0 && counts.skipped == 0)
        #expect(engine.snapshot().counts.rows == 2 && engine.snapshot().counts.rawRecords == 2)
    }

    @Test func sameContentIsSkippedAndTheStoredLiteralStays() throws {
        let engine = try StoreEngine(disk)
        try engine.commit([TestRow(milliseconds: 1, price: "1941062.0")])
        let counts = try engine.commit([TestRow(milliseconds: 1, price: "1941062")])
        #expect(counts.skipped == 1 && counts.inserted == 0 && counts.updated == 0)
        #expect(try engine.snapshot().lines() == [TestRow(milliseconds: 1, price: "1941062.0").line])
        #expect(engine.snapshot().counts.rawRecords == 1, "a skipped row keeps no raw record")
    }

    @Test func otherContentReplacesTheRow() throws {
        let engine = try StoreEngine(disk)
        try engine.commit([TestRow(milliseconds: 1, price: "1"), TestRow(milliseconds: 2, price: "1")])
        #expect(try engine.commit([TestRow(milliseconds: 1, price: "2")]).updated == 1)
        #expect(try engine.snapshot().lines() == [TestRow(milliseconds: 1, price: "2").line, TestRow(milliseconds: 2, price: "1").line])
        #expect(engine.snapshot().counts.rows == 2)
    }

    @Test func laterLineOfOneBatchWins() throws {
        let engine = try StoreEngine(disk)
        let counts = try engine.commit([
            TestRow(milliseconds: 1, price: "1"), TestRow(milliseconds: 1, price: "2"), TestRow(milliseconds: 1, price: "2.0"),
        ])
        #expect(counts.inserted == 1 && counts.updated == 1 && counts.skipped == 1)
        #expect(try engine.snapshot().lines() == [TestRow(milliseconds: 1, price: "2").line])
        #expect(try StoreEngine(disk.copy()).snapshot().lines() == [TestRow(milliseconds: 1, price: "2").line], "replay must agree")
    }

    @Test func batchesThatShareASyncSeeEachOther() throws {
        let engine = try StoreEngine(disk)
        let results = engine.commit([
            Batch([TestRow(milliseconds: 1, price: "1")]), Batch([TestRow(milliseconds: 1, price: "1")]),
            Batch([TestRow(milliseconds: 1, price: "3")]),
        ])
        let counts = try results.map { try $0.get() }
        #expect(counts.map(\.inserted) == [1, 0, 0] && counts.map(\.skipped) == [0, 1, 0] && counts.map(\.updated) == [0, 0, 1])
        #expect(try engine.snapshot().lines() == [TestRow(milliseconds: 1, price: "3").line])
    }

    @Test func twoCoinsUnderOneTickerDoNotOverwriteEachOther() throws {
        let engine = try StoreEngine(disk)
        let counts = try engine.commit([TestRow(sourceID: "a-coin", milliseconds: 1), TestRow(sourceID: "b-coin", milliseconds: 1, price: "7")])
        #expect(counts.inserted == 2)
    }

    @Test func aReaderKeepsItsSnapshot() throws {
        let engine = try StoreEngine(disk)
        try engine.commit([TestRow(milliseconds: 1, price: "1")])
        let before = engine.snapshot()
        try engine.commit([TestRow(milliseconds: 1, price: "2"), TestRow(milliseconds: 2)])
        #expect(try before.lines() == [TestRow(milliseconds: 1, price: "1").line], "a snapshot must not see later commits")
    }

    @Test func quarantinedRecordThatAlreadyWaitsIsOnlyCounted() throws {
        let engine = try StoreEngine(disk)
        var batch = Batch([])
        batch.quarantined = [
            QuarantinedRecord(content: Array("a,b".utf8), reasons: ["ragged_row"], place: "x.csv", position: 7, digest: RecordDigest(high: 1, low: 2))
        ]
        #expect(try engine.commit([batch])[0].get().quarantined == 1)
        let again = try engine.commit([batch])[0].get()
        #expect(again.quarantined == 0 && again.seenInQuarantine == 1)
        let reopened = try StoreEngine(disk.copy())
        #expect(reopened.snapshot().counts.quarantined == 1)
        #expect(try reopened.commit([batch])[0].get().seenInQuarantine == 1, "a restart must not forget what waits")
    }

    @Test func stateIsCommittedWithTheRows() throws {
        let engine = try StoreEngine(disk)
        try engine.commit([TestRow(milliseconds: 1)], number: 4)
        #expect(engine.state(prefix: "batch/").map { String(decoding: $0.value, as: UTF8.self) } == ["\"1/0/0\""])
        #expect(try StoreEngine(disk.copy()).state(prefix: "batch/").map(\.key) == ["batch/4"])
    }

    @Test func batchBeyondTheLimitsIsRefusedAlone() throws {
        let engine = try StoreEngine(disk)
        let rows = (0...LogFormat.maximumBatchRows).map { TestRow(milliseconds: Int64($0)) }
        let results = engine.commit([Batch([TestRow(milliseconds: 1)]), Batch(rows), Batch([TestRow(milliseconds: 2)])])
        #expect(throws: StoreError.self) { try results[1].get() }
        #expect(try results[0].get().inserted == 1 && results[2].get().inserted == 1, "its neighbours must not suffer")
    }

    @Test func indexAgreesWithADictionary() {
        var random = SplitMix64(seed: 3)
        var index = KeyIndex()
        var model: [Int: Int] = [:]
        for step in 0..<60_000 {
            let series = UInt32.random(in: 0..<40, using: &random)
            let time = Int64.random(in: 0..<200, using: &random) * 1_000
            let key = Int(series) << 32 | Int(time)
            if Int.random(in: 0..<3, using: &random) == 0 {
                index.remove(series: series, timestamp: time)
                model[key] = nil
            } else {
                index.set(series: series, timestamp: time, to: LineLocator(file: 1, offset: step))
                model[key] = step
            }
            #expect(index.locator(series: series, timestamp: time)?.offset == model[key])
        }
        #expect(index.count == model.count)
        for (key, value) in model { #expect(index.locator(series: UInt32(key >> 32), timestamp: Int64(key & 0xFFFF_FFFF))?.offset == value) }
    }
}
