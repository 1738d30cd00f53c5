import Foundation
import MarketData
import TestSupport
import Testing

@testable import TickerStore

/// All orders, over sealed groups and the log together, compared with a naive sort.
@Suite struct OrderTests {
    /// 18 series of 3 sources at 25 shared instants, spread over three segments and the log; some rows replaced across them.
    static func mixed() throws -> StoreUnderTest {
        let store = try StoreUnderTest(keepsForEver: true)
        var random = SplitMix64(seed: 43)
        var rows: [TestRow] = []
        for time in 0..<25 {
            for coin in 0..<18 {
                var row = TestRow(
                    symbol: ["A", "AB", "B", "Ü", "Z", "a"][coin % 6],
                    source: ["api", "csv", "Zeta"][coin / 6],
                    sourceID: coin % 4 == 0 ? "id" : nil,
                    milliseconds: Int64(time % 20) * 60_000 + Int64(time / 20)
                )
                row.price = ["1", "1.0", "0.5", "12345678901234567", "12345678901234568", "7"].randomElement(using: &random)!
                row.volume = NaiveOrder.literal(of: row, salt: 3)
                row.marketCap = coin % 2 == 0 ? "1.00" : "null"
                row.percentChange = NaiveOrder.literal(of: row, salt: 4)
                rows.append(row)
            }
        }
        rows.shuffle(using: &random)
        let part = rows.count / 4
        for number in 0..<4 {
            var batch = Array(rows[number * part..<(number + 1) * part])
            if number > 0 {
                for row in rows[..<(number * part)].shuffled(using: &random).prefix(25) {
                    var row = row
                    row.price = "\(number + 20)"
                    batch.append(row)
                }
            }
            for start in stride(from: 0, to: batch.count, by: 30) {
                store.commit([TestBatch(rows: Array(batch[start..<min(batch.count, start + 30)]), number: number, fetchedAt: store.now)])
            }
            guard number < 3 else { continue }
            store.want(seal: true)
            while store.beginJob(sealOnly: true) {
                try store.runJob()
                try store.finishJob()
            }
        }
        try store.check()
        return store
    }

    @Test(arguments: RowOrder.all, [SortDirection.ascending, .descending])
    func aCursorAtEachRowFindsTheRowsBehindIt(order: RowOrder, direction: SortDirection) throws {
        let store = try Self.mixed()
        var query = RowQuery()
        query.order = order
        query.direction = direction
        query.limit = 4
        let rows = store.model.sorted
        for hasNullsFirst in order.field == nil ? [false] : [false, true] {
            query.hasNullsFirst = hasNullsFirst
            let naive = NaiveOrder(query)
            let list = naive.list(rows)
            // Not each: the ways to go on are few, and a debug build is slow.
            for row in rows.enumerated().filter({ $0.offset % 3 == 0 }).map(\.element) {
                query.after = RowPosition(timestamp: Timestamp(milliseconds: row.milliseconds), series: row.key, literal: naive.literal(row))
                try ReadCheck.run(store, query, rows: rows, list: list, newest: false)
            }
        }
    }

    @Test(arguments: RowOrder.all, [SortDirection.ascending, .descending])
    func filtersBoundsAndDepths(order: RowOrder, direction: SortDirection) throws {
        let store = try Self.mixed()
        var query = RowQuery()
        query.order = order
        query.direction = direction
        let rows = store.model.sorted
        for filter in 0..<8 {
            query.symbols = filter & 1 == 0 ? [] : ["Z", "AB", "none", "AB"].map { Array($0.utf8) }
            query.sources = filter & 2 == 0 ? [] : [Array("csv".utf8), Array("Zeta".utf8), Array("".utf8)]
            query.sourceIDs = filter & 4 == 0 ? [] : [Array("id".utf8)]
            for (from, to) in [(nil, nil), (3, 14), (7, nil), (nil, 7), (30, 40)] as [(Int64?, Int64?)] {
                query.from = from.map { Timestamp(milliseconds: $0 * 60_000) }
                query.to = to.map { Timestamp(milliseconds: $0 * 60_000) }
                let list = NaiveOrder(query).list(rows.filter { ReadCheck.matches($0, query) })
                for (skip, limit) in [(0, 1), (0, 1_000), (5, 7), (100, 50), (10_000, 3)] {
                    (query.skip, query.limit) = (skip, limit)
                    try ReadCheck.run(store, query, rows: rows, list: list, newest: false)
                }
            }
        }
    }

    /// A place that nobody is at (any more), of a symbol, a source and a number that nobody has.
    @Test(arguments: RowOrder.all, [SortDirection.ascending, .descending])
    func aPlaceThatIsNoRowsStillHasItsOwn(order: RowOrder, direction: SortDirection) throws {
        let store = try Self.mixed()
        var query = RowQuery()
        query.order = order
        query.direction = direction
        query.limit = 5
        let rows = store.model.sorted
        let list = NaiveOrder(query).list(rows)
        for symbol in ["", "AA", "zz"] {
            for source in ["", "b", "zzz"] {
                for literal in order.field == nil ? [""] : NaiveOrder.literals.map({ $0 == "null" ? "" : $0 }) + ["1.0000000000000003", "-1", "2"] {
                    query.after = RowPosition(
                        timestamp: Timestamp(milliseconds: 300_001),
                        series: SeriesKey(symbol: symbol, source: source, sourceID: "x"),
                        literal: Array(literal.utf8)
                    )
                    try ReadCheck.run(store, query, rows: rows, list: list, newest: false)
                }
            }
        }
    }

    /// Far more rows of one number than a page has, so that what cannot be in it is dropped on the way.
    @Test(arguments: ["1", "1.00000000000000000001"], [SortDirection.ascending, .descending])
    func manyRowsOfOneNumber(price: String, direction: SortDirection) throws {
        let store = try StoreUnderTest(keepsForEver: true)
        var random = SplitMix64(seed: 5)
        var rows = (0..<600).map { TestRow(symbol: "C\($0 % 50)", milliseconds: Int64($0 / 50) * 1_000, price: $0 % 97 == 0 ? "2" : price) }
        rows.shuffle(using: &random)
        for start in stride(from: 0, to: 600, by: 40) {
            store.commit([TestBatch(rows: Array(rows[start..<start + 40]), number: start, fetchedAt: store.now)])
            if start == 320 { try store.work() }
        }
        var query = RowQuery()
        query.order = .number(.price)
        query.direction = direction
        query.limit = 7
        var seen = 0
        let list = NaiveOrder(query).list(store.model.sorted)
        while true {
            let page = try ReadCheck.run(store, query, rows: list.rows, list: list, newest: false)
            seen += page.rowCount
            guard page.hasMore else { break }
            query.after = page.last
        }
        #expect(seen == 600)
    }

    /// A directory of an earlier program has keys that do not say whether they are exact.
    @Test(arguments: GoldenTests.names) func segmentsOfTheFirstFormatAreOrderedToo(name: String) throws {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("kasparro-golden-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: GoldenTests.golden.appendingPathComponent(name), to: copy)
        let engine = try StoreEngine(path: copy.path, fileSystem: PosixFileSystem(), options: .test(logFileBytes: 4_096))
        _ = try engine.commit([
            TestRow(symbol: "NEW", milliseconds: 7, price: "2.5000000000000000001"), TestRow(symbol: "OLD", milliseconds: 7, price: "2.5"),
        ])
        func prices(_ lines: [String]) -> [Double] { lines.map { Double($0.split(separator: "\"price_usd\":")[1].split(separator: ",")[0])! } }
        let all = prices(try engine.snapshot().lines()).sorted()
        #expect(prices(try engine.snapshot().lines { $0.order = .number(.price) }) == all)
        #expect(
            prices(
                try engine.snapshot().lines {
                    $0.order = .number(.price); $0.direction = .descending
                }
            ) == all.reversed()
        )
    }

    @Test func anIndexOfTheFirstFormatIsMadeAnewAsItWas() throws {
        let golden = GoldenTests.golden.appendingPathComponent("format-1-segments")
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("kasparro-golden-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: golden, to: copy)
        let index = "segments/tickers/00000001.idx"
        let before = try Data(contentsOf: copy.appendingPathComponent(index))
        try Data(repeating: 7, count: before.count).write(to: copy.appendingPathComponent(index))
        _ = try StoreEngine(path: copy.path, fileSystem: PosixFileSystem(), options: .test(logFileBytes: 4_096))
        #expect(try Data(contentsOf: copy.appendingPathComponent(index)) == before)
    }
}
