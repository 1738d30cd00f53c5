import MarketData
import Testing

@testable import TickerStore

/// Rows on their way from the log into segments, and what readers see of it: nothing.
@Suite struct SealTests {
    static func rows(_ range: Range<Int>, price: String = "1") -> [TestRow] {
        range.map { TestRow(symbol: "C\($0 % 7)", milliseconds: Int64(1_700_000_000_000 + $0 / 7 * 60_000), price: price) }
    }

    @Test func sealingChangesNothingForReaders() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk)
        try engine.commit(Self.rows(0..<70))
        try engine.commit(Self.rows(0..<7, price: "2"))
        let before = try engine.snapshot().lines()
        try engine.sealAll()
        #expect(try engine.snapshot().lines() == before)
        #expect(engine.manifest.segments.map(\.family) == [.tickers, .raw])
        #expect(engine.tables.generations.count == 1 && !engine.tables.open.isWorthSealing, "the log was not dropped")
        #expect(try StoreEngine(disk.copy()).snapshot().lines() == before, "after a restart")
    }

    @Test func aSealedRowIsFoundUpdatedAndSkipped() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk)
        try engine.commit(Self.rows(0..<70))
        try engine.sealAll()
        let again = try engine.commit(Self.rows(0..<70))
        #expect(again.skipped == 70, "\(again)")
        let updated = try engine.commit(Self.rows(7..<14, price: "3"))
        #expect(updated.updated == 7, "\(updated)")
        #expect(engine.snapshot().counts.rows == 70)
        try engine.sealAll()
        #expect(engine.statistics().supersededRows == 7)
        let lines = try engine.snapshot().lines()
        #expect(Set(lines).count == 70)
        let reopened = try StoreEngine(disk.copy())
        #expect(try reopened.snapshot().lines() == lines && reopened.snapshot().counts.rows == 70)
    }

    @Test func rowsSupersededWhileTheirFileIsBeingSealedStayDead() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk)
        try engine.commit(Self.rows(0..<70))
        engine.maintenance.isSealWanted = true
        let job = try #require(engine.nextJob())
        try engine.commit(Self.rows(7..<14, price: "3"))
        let result = try job.run()
        try engine.commit(Self.rows(14..<21, price: "4"))
        try engine.complete { () throws(StoreError) in result }
        let lines = try engine.snapshot().lines()
        #expect(lines.count == 70 && Set(lines).count == 70 && lines.count { $0.contains("\"price_usd\":3,") } == 7)
        #expect(try StoreEngine(disk.copy()).snapshot().lines() == lines, "after a restart")
    }

    @Test func compactionDropsDeadRowsAndKeepsTheRest() throws {
        let disk = SimulatedFileSystem()
        let engine = try StoreEngine(disk)
        for part in 0..<4 {
            try engine.commit(Self.rows(part * 70..<part * 70 + 70))
            try engine.sealAll()
        }
        try engine.commit(Self.rows(0..<35, price: "9"))
        try engine.sealAll()
        let lines = try engine.snapshot().lines()
        engine.wantCompaction()
        while try engine.runJob() {}
        #expect(engine.tables.slots.count == 1 && engine.statistics().supersededRows == 0)
        #expect(engine.statistics().deadRowsDropped == 35 && engine.statistics().deadRecordsDropped == 0)
        #expect(try engine.snapshot().lines() == lines)
        #expect(engine.snapshot().counts.rows == 280)
        #expect(try StoreEngine(disk.copy()).snapshot().lines() == lines, "after a restart")
    }
}
