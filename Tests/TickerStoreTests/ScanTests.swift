import MarketData
import TestSupport
import Testing

@testable import TickerStore

@Suite struct ScanTests {
    /// 10,000 rows that share 50 timestamps, in 40 batches, some of them replaced later.
    static func crowded() throws -> (StoreEngine, [TestRow]) {
        let engine = try StoreEngine(SimulatedFileSystem(), logFileBytes: 1 << 20)
        var rows: [TestRow] = []
        for time in 0..<50 { for coin in 0..<200 { rows.append(TestRow(symbol: "C\(coin)", milliseconds: Int64(time) * 60_000)) } }
        var random = SplitMix64(seed: 17)
        rows.shuffle(using: &random)
        for start in stride(from: 0, to: rows.count, by: 250) { try engine.commit(Array(rows[start..<start + 250])) }
        for index in stride(from: 0, to: rows.count, by: 7) { rows[index].price = "2" }
        for start in stride(from: 0, to: rows.count, by: 1_000) { try engine.commit(Array(rows[start..<start + 1_000])) }
        return (engine, rows)
    }

    @Test(arguments: [SortDirection.ascending, .descending]) func aWalkInSevensGivesEachRowExactlyOnce(direction: SortDirection) throws {
        let (engine, rows) = try Self.crowded()
        var expected = rows.sorted { ($0.milliseconds, $0.key) < ($1.milliseconds, $1.key) }.map(\.line)
        if direction == .descending { expected.reverse() }
        var query = RowQuery()
        query.direction = direction
        query.limit = 7
        var seen: [String] = []
        while true {
            let page = try engine.snapshot().page(query)
            seen += page.lines
            guard page.hasMore else { break }
            query.after = page.last
        }
        #expect(seen == expected, "\(seen.count) rows of \(expected.count), \(Set(seen).count) different ones")
    }

    @Test func aPageBackwardsIsTheOneBefore() throws {
        let (engine, _) = try Self.crowded()
        var query = RowQuery()
        query.limit = 100
        let first = try engine.snapshot().page(query)
        query.after = first.last
        let second = try engine.snapshot().page(query)
        query.after = second.first
        query.direction = .ascending
        let back = try engine.snapshot().page(query)
        #expect(back.lines.reversed() == first.lines)
        #expect(!back.hasMore)
    }

    @Test func filtersAgreeWithAPlainSearch() throws {
        let engine = try StoreEngine(SimulatedFileSystem(), logFileBytes: 1 << 20)
        var random = SplitMix64(seed: 23)
        var model: [String: TestRow] = [:]
        for _ in 0..<120 {
            let rows = (0..<20).map { _ in
                TestRow(
                    symbol: ["BTC", "ETH", "A", "Ü"].randomElement(using: &random)!,
                    source: ["csv", "coinpaprika"].randomElement(using: &random)!,
                    sourceID: ["x", "y", "z"].randomElement(using: &random)!,
                    milliseconds: Int64.random(in: 0..<90, using: &random),
                    price: String(Int.random(in: 1..<4, using: &random))
                )
            }
            try engine.commit(rows)
            for row in rows { model["\(row.key)|\(row.milliseconds)"] = row }
            let symbols = ["BTC", "A", "NONE"].filter { _ in Bool.random(using: &random) }
            let sources = ["csv"].filter { _ in Bool.random(using: &random) }
            let from = Int64.random(in: -5..<60, using: &random)
            let to = from + Int64.random(in: 0..<60, using: &random)
            let found = try engine.snapshot().lines {
                $0.symbols = symbols.map { Array($0.utf8) }
                $0.sources = sources.map { Array($0.utf8) }
                $0.from = Timestamp(milliseconds: from)
                $0.to = Timestamp(milliseconds: to)
            }
            let expected = model.values.filter {
                (symbols.isEmpty || symbols.contains($0.symbol)) && (sources.isEmpty || sources.contains($0.source))
                    && ($0.milliseconds >= from && $0.milliseconds < to)
            }.sorted { ($0.milliseconds, $0.key) < ($1.milliseconds, $1.key) }.map(\.line)
            #expect(found == expected, "symbols \(symbols), sources \(sources), \(from)..<\(to)")
        }
        #expect(engine.snapshot().counts.rows == model.count)
    }

    @Test func aPositionThatIsNoLongerThereStillHasAPlace() throws {
        let engine = try StoreEngine(SimulatedFileSystem())
        try engine.commit([TestRow(symbol: "A", milliseconds: 1), TestRow(symbol: "C", milliseconds: 1)])
        let after = RowPosition(timestamp: Timestamp(milliseconds: 1), series: SeriesKey(symbol: "B", source: "csv", sourceID: "B"))
        #expect(try engine.snapshot().lines { $0.after = after } == [TestRow(symbol: "C", milliseconds: 1).line])
        #expect(
            try engine.snapshot().lines {
                $0.after = after; $0.direction = .descending
            } == [TestRow(symbol: "A", milliseconds: 1).line]
        )
    }

    @Test func skipLeavesOutRows() throws {
        let engine = try StoreEngine(SimulatedFileSystem())
        try engine.commit((0..<10).map { TestRow(milliseconds: Int64($0)) })
        #expect(try engine.snapshot().lines { $0.skip = 8 }.count == 2)
        #expect(try engine.snapshot().lines { $0.skip = 80 }.isEmpty)
    }

    @Test func emptyStoreHasAnEmptyPage() throws {
        let page = try StoreEngine(SimulatedFileSystem()).snapshot().page(RowQuery())
        #expect(page.rowCount == 0 && !page.hasMore && page.first == nil && page.last == nil)
    }
}
