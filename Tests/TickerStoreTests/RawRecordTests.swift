import MarketData
import Testing

@testable import TickerStore

/// The source's own record of a row, wherever it is.
@Suite struct RawRecordTests {
    let disk = SimulatedFileSystem()
    /// Of the store's clock.
    static let now: Int64 = 1_700_000_000_000

    static func batch(_ rows: [TestRow], number: Int, fetchedAt: Int64, raw: String? = nil) -> Batch {
        var batch = Batch(rows, number: number)
        batch.origin.fetchedAt = Timestamp(milliseconds: fetchedAt)
        if let raw {
            batch.raw = Array(raw.utf8)
            batch.rows[0].rawLength = UInt32(raw.utf8.count)
        }
        return batch
    }

    static func raw(_ engine: StoreEngine, _ row: TestRow) throws -> RawRecord? {
        var record = try engine.snapshot().rawRecord(of: row.key, timestamp: Timestamp(milliseconds: row.milliseconds))
        record?.lsn = nil
        return record
    }

    /// The clock is an hour back for the newest version.
    @Test func afterAClockWasSetBackTheNewestCommitCounts() throws {
        let engine = try StoreEngine(disk)
        let row = TestRow(milliseconds: 5_000)
        func expect(_ batch: Int, _ what: String) throws {
            #expect(try Self.raw(engine, row)?.batch == batch, "\(what)")
            var query = RowQuery()
            query.limit = 10
            query.wantsLineage = true
            let origin = try engine.snapshot().page(query).lineage.first?.origin
            #expect(origin?.batch == batch, "\(what): lineage of \(String(describing: origin))")
        }
        for (number, hour) in [(1, 10), (2, 12), (3, 11)] as [(Int, Int64)] {
            let version = TestRow(milliseconds: 5_000, price: "\(number)")
            _ = try engine.commit([Self.batch([version], number: number, fetchedAt: Self.now + hour * 3_600_000)])[0].get()
            try engine.sealAll()
            try expect(number, "sealed")
        }
        engine.wantCompaction()
        while try engine.runJob() {}
        try expect(3, "merged")
    }

    @Test func amongLinesOfAnOlderVersionTheTimeCounts() {
        func order(_ lsn: UInt64?, _ time: Int64) -> CommitOrder { CommitOrder(lsn: lsn, fetchedAt: Timestamp(milliseconds: time)) }
        #expect(order(nil, 1) < order(nil, 2) && order(nil, 9) < order(1, 2) && !(order(1, 2) < order(nil, 9)) && order(3, 9) < order(4, 1))
    }

    @Test func theNewestIsFoundInTheLogAndInSegments() throws {
        let engine = try StoreEngine(disk)
        let row = TestRow(milliseconds: 5_000)
        func commit(_ price: String, _ number: Int) throws {
            let others = (0..<20).map { TestRow(symbol: "C\($0)", milliseconds: Int64(number * 100 + $0)) }
            let changed = TestRow(milliseconds: 5_000, price: price)
            _ = try engine.commit([Self.batch(others + [changed] + others, number: number, fetchedAt: Self.now + Int64(number))])[0].get()
        }
        func expect(_ price: String, _ number: Int, _ what: String) throws {
            let expected = RawRecord(
                fetchedAt: Timestamp(milliseconds: Self.now + Int64(number)),
                runID: "etl_test",
                batch: number,
                record: Array("{\"raw\":\"\(price)\"}".utf8)
            )
            let found = try Self.raw(engine, row)
            #expect(found == expected, "\(what): \(String(describing: found))")
            #expect(try Self.raw(StoreEngine(disk.copy()), row) == expected, "\(what), after a restart")
        }
        try commit("1", 1)
        try expect("1", 1, "in the log")
        try commit("2", 2)
        try expect("2", 2, "replaced in the log")
        try commit("2", 3)
        try expect("2", 2, "a row that was skipped has no new record")
        try engine.sealAll()
        try expect("2", 2, "sealed")
        try commit("4", 4)
        try expect("4", 4, "in the log over a segment")
        try engine.sealAll()
        try expect("4", 4, "in two segments")
        engine.wantCompaction()
        while try engine.runJob() {}
        try expect("4", 4, "merged")
        #expect(try Self.raw(engine, TestRow(milliseconds: 5_001)) == nil)
        #expect(try Self.raw(engine, TestRow(symbol: "NONE", milliseconds: 5_000)) == nil)
    }

    @Test(arguments: [#" {"a":[1, 2],"record":"x"} "#, "{\"a\":\n1}\r\n", #"{"record_text":"\"}"}"#]) func theBytesAreThoseThatCame(text: String)
        throws
    {
        let engine = try StoreEngine(disk)
        let row = TestRow(milliseconds: 1)
        _ = try engine.commit([Self.batch([row], number: 1, fetchedAt: 1, raw: text)])[0].get()
        #expect(try Self.raw(engine, row)?.record == Array(text.utf8))
        try engine.sealAll()
        #expect(try Self.raw(engine, row)?.record == Array(text.utf8), "sealed")
    }

    @Test func aLargeLogIsNotReadFromItsStart() throws {
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: .test(logFileBytes: 8 << 20))
        for number in 0..<40 {
            let rows = (0..<50).map { TestRow(symbol: "C\($0)", milliseconds: Int64(number), price: "\(number).\($0)") }
            _ = try engine.commit([Self.batch(rows, number: number, fetchedAt: Int64(number))])[0].get()
        }
        for number in [0, 1, 17, 39] {
            let row = TestRow(symbol: "C\(number)", milliseconds: Int64(number), price: "\(number).\(number)")
            #expect(try Self.raw(engine, row)?.record == Array("{\"raw\":\"\(number).\(number)\"}".utf8))
        }
    }

    @Test func aRecordThatHasExpiredIsNotThere() throws {
        var options = StoreOptions.test()
        options.retention.raw = 1_000
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
        _ = try engine.commit([Self.batch([TestRow(milliseconds: 1)], number: 1, fetchedAt: 1)])[0].get()
        try engine.sealAll()
        while try engine.runJob() {}
        #expect(try Self.raw(engine, TestRow(milliseconds: 1)) == nil)
        #expect(engine.snapshot().counts.rows == 1)
    }
}
