import MarketData
import Testing

@testable import TickerStore

/// Jobs that run while commits go on.
@Suite struct MaintenanceTests {
    let disk = SimulatedFileSystem()

    static func rows(_ times: Range<Int64>, symbol: String = "BTC", price: String = "1") -> [TestRow] {
        times.map { TestRow(symbol: symbol, milliseconds: $0 * 1_000, price: price) }
    }

    /// An engine with two sealed segments of eight rows each.
    func sealedTwice(_ options: StoreOptions = .test()) throws -> StoreEngine {
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
        for times: Range<Int64> in [0..<8, 8..<16] {
            try engine.commit(Self.rows(times))
            try engine.sealAll()
        }
        return engine
    }

    @Test func rowsThatAreReplacedDuringAMergerAreCountedOnce() throws {
        let engine = try sealedTwice()
        engine.wantCompaction()
        try #require(try engine.runJob(meanwhile: { try engine.commit(Self.rows(5..<11, price: "2")) }))
        #expect(engine.snapshot().counts.rows == 16 && engine.snapshot().counts.rowsBySource.map(\.rows) == [16])
        #expect(try engine.snapshot().lines() == (Self.rows(0..<5) + Self.rows(5..<11, price: "2") + Self.rows(11..<16)).map(\.line))
        #expect(try StoreEngine(disk.crashed(.strict, seed: 1)).snapshot().counts.rows == 16, "the next start disagrees")
    }

    @Test func rowsThatAreReplacedDuringASealAreDeadInItsSegment() throws {
        let engine = try StoreEngine(disk)
        try engine.commit(Self.rows(0..<16))
        engine.maintenance.isSealWanted = true
        try #require(try engine.runJob(meanwhile: { try engine.commit(Self.rows(5..<11, price: "2")) }))
        #expect(try engine.snapshot().lines() == (Self.rows(0..<5) + Self.rows(5..<11, price: "2") + Self.rows(11..<16)).map(\.line))
        try engine.sealAll()
        #expect(try StoreEngine(disk.crashed(.strict, seed: 1)).snapshot().lines() == engine.snapshot().lines())
    }

    @Test func aBackupThatTookTwoSealsHoldsRowsReplacedBetweenThem() throws {
        var options = StoreOptions.test(logFileBytes: 6_000)
        options.sealRows = 4
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
        try engine.commit(Self.rows(0..<4))
        try engine.sealAll()
        for start in stride(from: Int64(10), to: 60, by: 6) { try engine.commit(Self.rows(start..<start + 6)) }
        let last = engine.writer.nextLSN - 1
        engine.maintenance.isSealForced = true
        var isFirst = true
        while !engine.isSealed(through: last) {
            try #require(
                try engine.runJob(meanwhile: {
                    if isFirst { try engine.commit(Self.rows(0..<2, price: "2")) }
                    isFirst = false
                })
            )
        }
        _ = try engine.backup(to: "copy")
        let copy = try StoreEngine(path: "copy", fileSystem: disk, options: options)
        #expect(try copy.snapshot().lines().count == 4 + 54, "rows whose new version came too late for the copy are not in it in any version")
    }

    @Test func aMergerOfRowsThatShareAnInstantEnds() throws {
        var options = StoreOptions.test()
        options.maximumSegmentRows = 10
        options.maximumGroupRows = 4
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
        for part in 0..<3 {
            try engine.commit((0..<11).map { TestRow(symbol: "C\(part)-\($0)", milliseconds: 5) })
            try engine.sealAll()
        }
        engine.wantCompaction()
        var jobs = 0
        while jobs < 9, try engine.runJob() { jobs += 1 }
        #expect(jobs < 9, "segments that meet in one instant are merged again and again")
        #expect(engine.snapshot().counts.rows == 33)
    }

    @Test func aMergerWithoutSpaceSealsNothing() throws {
        let engine = try sealedTwice()
        try engine.commit(Self.rows(20..<21))
        engine.wantCompaction()
        disk.free = 0
        #expect(engine.nextJob(ignoresRetry: true) == nil)
        #expect(!engine.maintenance.isSealWanted, "each try would leave one more small segment")
        disk.free = 1 << 40
        try #require(try engine.runJob())
        #expect(engine.manifest.segments.count { $0.family == .tickers } == 1)
    }

    @Test func aBatchThatFitsNoRecordIsRefusedAlone() throws {
        let engine = try StoreEngine(disk)
        var batches = (0..<4).map { Batch([TestRow(milliseconds: Int64($0))], number: $0) }
        batches[2].state = { _ in [StateChange(key: "large", value: [UInt8](repeating: 1, count: LogFormat.maximumPayload))] }
        let results = engine.commit(batches)
        #expect(results.map { (try? $0.get()) != nil } == [true, true, false, true], "its neighbours must not suffer")
        #expect(try engine.snapshot().lines().count == 3)
        #expect(try StoreEngine(disk.crashed(.strict, seed: 1)).snapshot().lines().count == 3)
    }

    @Test func filesOfAResultThatCouldNotBePublishedAreNotThoseOfTheNextTry() throws {
        let engine = try StoreEngine(disk)
        try engine.commit(Self.rows(0..<8))
        engine.maintenance.isSealWanted = true
        var result = try engine.nextJob(ignoresRetry: true)?.run()
        disk.fault = .failNext("link", code: FileError.noSpace)
        let failure = #expect(throws: StoreError.self) { try engine.finish(result!) }
        engine.fail(failure!)
        try engine.sealAll()
        result = nil
        #expect(try StoreEngine(disk.copy()).snapshot().lines() == Self.rows(0..<8).map(\.line))
    }

    @Test func theReportOfABackupCountsRowsOnly() throws {
        #expect(try sealedTwice().backup(to: "copy").rows == 16)
    }
}
