import MarketData
import TestSupport
import Testing

@testable import TickerStore

/// Reads over memory and sealed groups together, compared with a plain search.
@Suite struct SealedScanTests {
    /// 24 series at 30 shared instants, spread over four segments and the log; a fifth of the rows replaced across them.
    static func mixed() throws -> StoreUnderTest {
        let store = try StoreUnderTest(keepsForEver: true)
        var random = SplitMix64(seed: 41)
        var rows: [TestRow] = []
        for time in 0..<30 {
            for coin in 0..<24 {
                let source = coin % 3 == 0 ? "api" : "csv"
                rows.append(TestRow(symbol: "C\(coin % 8)", source: source, sourceID: "id\(coin / 8)", milliseconds: Int64(time) * 60_000))
            }
        }
        rows.shuffle(using: &random)
        for part in 0..<5 {
            var batch = Array(rows[part * 144..<(part + 1) * 144])
            // Rows of the parts before, with another price.
            if part > 0 { for row in rows[..<(part * 144)].shuffled(using: &random).prefix(36) { batch.append(repriced(row, part)) } }
            for start in stride(from: 0, to: batch.count, by: 30) {
                store.commit([TestBatch(rows: Array(batch[start..<min(batch.count, start + 30)]), number: part, fetchedAt: store.now)])
            }
            if part < 4 { try seal(store) }
        }
        try store.check()
        return store
    }

    private static func repriced(_ row: TestRow, _ part: Int) -> TestRow {
        var row = row
        row.price = "\(part).5"
        return row
    }

    private static func seal(_ store: StoreUnderTest) throws {
        store.want(seal: true)
        while store.beginJob(sealOnly: true) {
            try store.runJob()
            try store.finishJob()
        }
    }

    @Test(arguments: [SortDirection.ascending, .descending]) func aCursorAtEachRowFindsTheRowsBehindIt(direction: SortDirection) throws {
        let store = try Self.mixed()
        var query = RowQuery()
        query.direction = direction
        query.limit = 3
        let rows = store.model.sorted
        for row in rows {
            query.after = RowPosition(timestamp: Timestamp(milliseconds: row.milliseconds), series: row.key)
            try ReadCheck.run(store, query, rows: rows, newest: false)
        }
    }

    /// One series is a run of rows, a few are sorted, many are picked from all rows.
    @Test(arguments: [1, 2, 3, 8], [SortDirection.ascending, .descending]) func filtersBySeries(symbols: Int, direction: SortDirection) throws {
        let store = try Self.mixed()
        var query = RowQuery()
        query.direction = direction
        query.symbols = (0..<symbols).map { Array("C\($0)".utf8) }
        for ids in [[], ["id1"], ["id0", "id2"]] {
            query.sourceIDs = ids.map { Array($0.utf8) }
            for limit in [1, 7, 1_000] {
                query.limit = limit
                try ReadCheck.run(store, query, newest: true)
            }
        }
    }

    @Test func theNewestRowsOfOneSeries() throws {
        let store = try Self.mixed()
        for key in Set(store.model.sorted.map(\.key)) {
            let lines = store.model.sorted.filter { $0.key == key }.map(\.line)
            for limit in [1, 7, 100] {
                let page = try store.snapshot.newest(limit, of: key)
                #expect(page.lines == Array(lines.reversed().prefix(limit)) && page.hasMore == (limit < lines.count))
            }
        }
        let page = try store.snapshot.newest(5, of: SeriesKey(symbol: "C0", source: "csv", sourceID: "nobody"))
        #expect(page.rowCount == 0 && page.first == nil && !page.hasMore)
    }

    @Test func boundsOfTimeAtEachInstant() throws {
        let store = try Self.mixed()
        for minute in -1...31 {
            var query = RowQuery()
            query.limit = 40
            query.from = Timestamp(milliseconds: Int64(minute) * 60_000)
            try ReadCheck.run(store, query, newest: true)
            query.to = Timestamp(milliseconds: Int64(minute + 3) * 60_000 + 1)
            query.symbols = [Array("C3".utf8), Array("C9".utf8)]
            try ReadCheck.run(store, query, newest: true)
        }
    }

    @Test(arguments: [SortDirection.ascending, .descending]) func aWalkGoesOnWhileSegmentsAreMergedUnderIt(direction: SortDirection) throws {
        let store = try Self.mixed()
        var query = RowQuery()
        query.direction = direction
        query.limit = 50
        var seen: [String] = []
        var pages = 0
        while true {
            let page = try ReadCheck.run(store, query, newest: false)
            seen += page.lines
            pages += 1
            if pages % 3 == 1 {
                store.want(seal: true, merger: pages > 3)
                if store.beginJob() {
                    try store.runJob()
                    try store.finishJob()
                }
            }
            guard page.hasMore else { break }
            query.after = page.last
        }
        let all = store.model.sorted.map(\.line)
        #expect(seen == (direction == .ascending ? all : all.reversed()), "\(seen.count) rows of \(all.count)")
    }
}
