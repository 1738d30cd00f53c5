import MarketData
import Testing

@testable import TickerStore

/// A scan of all lines gives what pages give, wherever the rows are.
@Suite struct LineScanTests {
    private static func lines(_ bytes: [UInt8]) -> [String] {
        #expect(bytes.isEmpty || bytes.last == 0x0A)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// - Parameter target: bytes of a piece.
    private static func scan(_ snapshot: Snapshot, _ query: RowQuery, isInOrder: Bool = false, target: Int = 1 << 16) throws -> [String] {
        var scan = try LineScan(snapshot, query, isInOrder: isInOrder)
        var bytes: [UInt8] = []
        var rows = 0
        while true {
            let count = try scan.next(bytes.count + target, to: &bytes)
            if count == 0 { break }
            rows += count
        }
        let lines = Self.lines(bytes)
        #expect(rows == lines.count)
        return lines
    }

    private static func walk(_ snapshot: Snapshot, _ query: RowQuery) throws -> [String] {
        var query = query
        query.limit = .max
        let page = try snapshot.page(query)
        return page.ends.indices.map { String(decoding: page.bytes[($0 == 0 ? 0 : page.ends[$0 - 1])..<page.ends[$0]], as: UTF8.self) }
    }

    private static func queries() -> [RowQuery] {
        var all = RowQuery()
        all.direction = .ascending
        var some = RowQuery()
        some.symbols = [Array("C3".utf8), Array("C7".utf8)]
        var late = RowQuery()
        late.from = Timestamp(milliseconds: 1_734_220_800_000 + 700 * 60_000)
        var window = late
        window.sources = [Array("b".utf8)]
        window.to = Timestamp(milliseconds: 1_734_220_800_000 + 1_900 * 60_000)
        var nothing = RowQuery()
        nothing.symbols = [Array("NONE".utf8)]
        return [all, some, late, window, nothing]
    }

    private static func batch(_ minutes: some Sequence<Int>, price: String, number: Int) -> Batch {
        var batch = Batch(origin: BatchOrigin(runID: "r", number: number, source: "a", fetchedAt: Timestamp(milliseconds: 1_734_220_800_000)))
        for minute in minutes {
            let key = SeriesKey(symbol: "C\(minute % 11)", source: minute % 2 == 0 ? "a" : "b", sourceID: "id")
            if !batch.series.contains(key) { batch.series.append(key) }
            let time = Timestamp(milliseconds: 1_734_220_800_000 + Int64(minute) * 60_000)
            let none: [UInt8] = []
            let start = batch.lines.count
            TickerLine.append(
                symbol: key.symbol.span,
                // Long enough for several blocks.
                name: Array("Coin \(minute) \(String(repeating: "x", count: 90))".utf8).span,
                price: Array(price.utf8).span,
                volume: none.span,
                marketCap: none.span,
                percentChange: none.span,
                timestamp: time,
                source: key.source.span,
                sourceID: key.sourceID.span,
                to: &batch.lines
            )
            batch.lines.append(0x0A)
            batch.raw += [0x7B, 0x7D]
            let series = UInt32(batch.series.firstIndex(of: key)!)
            batch.rows.append(BatchRow(series: series, lineLength: UInt32(batch.lines.count - start), rawLength: 2, timestamp: time))
        }
        return batch
    }

    @Test(arguments: [64, 1 << 16])
    func aScanGivesEveryLiveRowOnceWhereverItIs(_ target: Int) throws {
        let disk = SimulatedFileSystem()
        var options = StoreOptions(logFileBytes: 1 << 20, holder: "test")
        options.minimumFree = 0
        options.retention = Retention(rows: nil, raw: nil, quarantine: nil)
        options.maximumGroupRows = 700
        let store = try Store(path: "/data", fileSystem: disk, options: options)
        defer { try? store.close() }
        func check(_ situation: String) throws {
            let snapshot = store.snapshot()
            for (number, query) in Self.queries().enumerated() {
                let wanted = try Self.walk(snapshot, query)
                #expect(try Self.scan(snapshot, query, target: target).sorted() == wanted.sorted(), "\(situation), query \(number)")
                #expect(try Self.scan(snapshot, query, isInOrder: true, target: target) == wanted, "\(situation), query \(number), in order")
            }
        }
        _ = try store.commit(Self.batch(0..<2_000, price: "1", number: 1))
        try check("in the log")
        try store.seal()
        try check("sealed")
        _ = try store.commit(Self.batch(stride(from: 0, to: 1_500, by: 3), price: "2", number: 2))
        try check("with dead rows")
        _ = try store.commit(Self.batch(2_000..<3_000, price: "3", number: 3))
        let before = store.snapshot()
        let wanted = try Self.walk(before, RowQuery())
        var scan = try LineScan(before, RowQuery(), isInOrder: false)
        var bytes: [UInt8] = []
        _ = try scan.next(10_000, to: &bytes)
        _ = try store.compact()
        try check("compacted")
        // A scan that began before the compaction goes on over what was there then.
        while try scan.next(bytes.count + 10_000, to: &bytes) > 0 {}
        #expect(Self.lines(bytes).sorted() == wanted.sorted())
    }

    @Test func aScanLeavesTheBlockCacheAlone() throws {
        var options = StoreOptions(logFileBytes: 1 << 20, holder: "test")
        options.minimumFree = 0
        let store = try Store(path: "/data", fileSystem: SimulatedFileSystem(), options: options)
        defer { try? store.close() }
        _ = try store.commit(Self.batch(0..<500, price: "1", number: 1))
        try store.seal()
        let snapshot = store.snapshot()
        _ = try Self.scan(snapshot, RowQuery())
        _ = try Self.scan(snapshot, RowQuery(), isInOrder: true)
        #expect(snapshot.cache.bytes == 0)
    }

    @Test func commitsAreFollowedWithTheRowsThatChangedSomething() throws {
        let seen = BlockingQueue<CommittedRows>()
        var options = StoreOptions(logFileBytes: 1 << 20, holder: "test")
        options.minimumFree = 0
        options.committed = { _ = seen.push($0) }
        let store = try Store(path: "/data", fileSystem: SimulatedFileSystem(), options: options)
        _ = try store.commit(Self.batch(0..<10, price: "1", number: 1))
        _ = try store.commit(Self.batch(0..<10, price: "1", number: 2))
        var mixed = Self.batch(0..<5, price: "1", number: 3)
        let changed = Self.batch(5..<12, price: "2", number: 3)
        let shift = UInt32(mixed.series.count)
        mixed.series += changed.series
        mixed.lines += changed.lines
        mixed.raw += changed.raw
        mixed.rows += changed.rows.map { row in
            var row = row
            row.series += shift
            return row
        }
        _ = try store.commit(mixed)
        try store.close()
        var all: [CommittedRows] = []
        while all.count < 2, let some = seen.popAll() { all += some }
        #expect(all.map(\.count) == [10, 7], "the second commit changed nothing")
        #expect(all[0].sequence < all[1].sequence)
        #expect(all[1].lines == changed.lines && all[1].ends.last == changed.lines.count)
        #expect(all[1].rowSeries.map { all[1].series[Int($0)].symbol } == (5..<12).map { Array("C\($0 % 11)".utf8) })
    }
}
