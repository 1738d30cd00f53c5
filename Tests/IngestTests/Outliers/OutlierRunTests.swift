import MarketData
import Synchronization
import Testing
import TickerStore

@testable import Ingest

/// Outliers of whole runs.
@Suite struct OutlierRunTests {
    private static let header = "symbol,price_usd,volume_24h,market_cap,timestamp\n"

    /// Hourly rows of one coin.
    private static func rows(_ prices: [String], of symbol: String = "BTC", from hour: Int = 0, volume: String = "", cap: String = "") -> String {
        prices.enumerated().map { "\(symbol),\($1),\(volume),\(cap),\(1_700_000_000 + (hour + $0) * 3_600)\n" }.joined()
    }

    private static func outliers(_ bench: Workbench) throws -> [JSONDocument] {
        try bench.store.snapshot().records(.outliers, limit: 20_000).map { try JSONDocument(parsing: $0.line) }
    }

    private static let calm = [String](repeating: "100.0", count: 10)

    @Test func anOddPriceIsFlaggedAndStored() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + Self.rows(Self.calm + ["160.50"]))
        let run = try await bench.run()
        #expect(run.inserted == 11 && run.outliers == 2 && run.outliersUntested == 0 && run.batches.map(\.outliers) == [2])
        let records = try bench.store.snapshot().records(.outliers, limit: 9)
        #expect(records.map(\.position) == [1_700_036_000_000, 1_700_036_000_000])
        #expect(records[0].series == SeriesKey(symbol: "BTC", source: "csv", sourceID: "BTC"))
        let lines = records.map { String(decoding: $0.line, as: UTF8.self) }.sorted()
        let common = #"{"symbol":"BTC","source":"csv","source_id":"BTC","timestamp":"2023-11-15T08:13:20Z","field":"price_usd","value":160.50,"#
        let behind = #""mean":100.0,"stddev":0.0,"last":100.0,"samples":10,"run_id":"\#(run.runID)","batch":1,"detected_at":"2026-01-01T00:00:"#
        #expect(lines[0].hasPrefix(common + #""type":"percentage_jump","score":0.605,"# + behind), "\(lines[0])")
        #expect(lines[1].hasPrefix(common + #""type":"z_score","score":121.0,"# + behind), "\(lines[1])")
        #expect(try bench.lines().last?.contains(#""price_usd":160.50,"#) == true, "flagged, not dropped")
    }

    @Test func rowsOfEarlierRunsAreWhatNewOnesAreMeasuredAgainst() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + Self.rows(Self.calm))
        #expect(try await bench.run().outliers == 0)
        try bench.put("b.csv", Self.header + Self.rows(["200"], from: 10))
        #expect(try await bench.run().outliers == 2)
        // Closing seals what was in the log.
        try bench.restart()
        try bench.put("c.csv", Self.header + Self.rows(["200", "500"], from: 11))
        #expect(try await bench.run().outliers == 3, "200 and 500 are far from 100, and 500 from 200")
    }

    @Test func rowsOnTheirWayToTheDiskCount() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + Self.rows(Self.calm))
        try bench.put("b.csv", Self.header + Self.rows(["200"], from: 10))
        let run = try await bench.run()
        #expect(run.batches.map(\.outliers) == [0, 2] && run.outliers == 2)
    }

    @Test func olderRowsAreNotTested() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + Self.rows(Self.calm, from: 100))
        _ = try await bench.run()
        try bench.put("b.csv", Self.header + Self.rows(["9999", "1"]) + Self.rows(["7", "100"], from: 109))
        let run = try await bench.run()
        #expect(run.inserted == 3 && run.updated == 1 && run.outliers == 0 && run.outliersUntested == 3, "\(run)")
        #expect(run.totals["csv"]?.outliersUntested == 3 && RunRecord(line: run.line)?.outliersUntested == 3)
    }

    @Test func aFileThatIsReadAgainFlagsNothing() async throws {
        let bench = try Workbench()
        let text = Self.header + Self.rows(Self.calm + ["900", "100"])
        try bench.put("a.csv", text)
        let first = try await bench.run()
        #expect(first.outliers > 0)
        try bench.put("copy.csv", text)
        let second = try await bench.run()
        #expect(second.duplicates == 12 && second.outliers == 0 && second.outliersUntested == 0)
        #expect(try Self.outliers(bench).count == first.outliers)
    }

    @Test func nullsNeitherEnterNorStandOut() async throws {
        let bench = try Workbench()
        let volumes = Self.rows(Self.calm, volume: "5000") + Self.rows([String](repeating: "100", count: 12), from: 10)
        try bench.put("a.csv", Self.header + volumes + Self.rows(["100"], from: 22, volume: "50000", cap: "7"))
        let run = try await bench.run()
        #expect(run.outliers == 2)
        for outlier in try Self.outliers(bench) {
            #expect(outlier.root.member("field")?.string == "volume_24h" && outlier.root.member("samples")?.integer == 10)
        }
    }

    @Test func afterZerosTheScoreIsUnknown() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + Self.rows(Self.calm, volume: "0") + Self.rows(["100"], from: 10, volume: "3"))
        #expect(try await bench.run().outliers == 2)
        #expect(try Self.outliers(bench).allSatisfy { $0.root.member("score")?.isNull == true })
    }

    @Test func aRunStoresTenThousandAndCountsTheRest() async throws {
        let bench = try Workbench()
        let prices = (0..<10_100).map { $0 % 2 == 0 ? "1" : "100" }
        try bench.put("a.csv", Self.header + Self.rows(prices))
        let run = try await bench.run()
        #expect(run.outliers == 10_092, "each but the first eight")
        #expect(try Self.outliers(bench).count == 10_000)
        try bench.put("b.csv", Self.header + Self.rows(["1"], from: 10_100))
        #expect(try await bench.run().outliers == 1)
        #expect(try Self.outliers(bench).count == 10_001, "the next run may store as many again")
    }

    @Test func seriesAreNotMixed() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + (0..<20).map { Self.rows([$0 % 2 == 0 ? "1" : "1000"], of: $0 % 2 == 0 ? "A" : "B", from: $0) }.joined())
        #expect(try await bench.run().outliers == 0)
    }

    /// What was committed before a kill is counted in the killed run; what comes again is not.
    @Test func aRunThatGoesOnAfterAKillCountsOnce() async throws {
        let bench = try Workbench()
        var start = Batch(origin: BatchOrigin(runID: "etl_killed", number: 0, source: "", fetchedAt: .earliest))
        var record = RunRecord.begun(over: "csv")
        record.runID = "etl_killed"
        start.state = { [record] _ in [RunState.start(record)] }
        _ = try bench.store.commit(start)
        let detector = OutlierDetector(runID: record.runID) { [store = bench.store] in store.snapshot() }
        let killed = ActiveRun(record: record, sources: bench.sources, sink: bench.store, environment: bench.environment, outliers: detector)
        var builder = BatchBuilder(source: "csv")
        for (hour, price) in (Self.calm + ["200"]).enumerated() { builder.append(Self.draft(price, hour: hour)) { $0 += Array("{}".utf8) } }
        killed.submit(&builder, source: "csv", fetchedAt: .earliest)
        killed.drain()
        try bench.restart()
        let closed = try #require(try bench.runs.run(id: "etl_killed"))
        #expect(closed.status == .failed && closed.outliers == 2 && closed.outliersUntested == 0)
        try bench.put("a.csv", Self.header + Self.rows(Self.calm + ["200", "90"]))
        let run = try await bench.run()
        #expect(run.duplicates == 11 && run.inserted == 1 && run.outliers == 1, "only the jump back is new")
        #expect(try Self.outliers(bench).count == 3)
    }

    private static func draft(_ price: String, hour: Int) -> RowDraft {
        var draft = RowDraft(now: Timestamp(milliseconds: 1_767_225_600_000))
        draft.begin()
        draft.set(.symbol, text: Array("BTC".utf8).span)
        draft.set(.price, text: Array(price.utf8).span)
        draft.set(.timestamp, text: Array("\(1_700_000_000 + hour * 3_600)".utf8).span)
        _ = draft.finish()
        return draft
    }

    @Test func aBatchThatIsFullOnlyCounts() throws {
        let bench = try Workbench()
        let detector = OutlierDetector(runID: "etl_test") { [store = bench.store] in store.snapshot() }
        var builder = BatchBuilder(source: "csv")
        let filling = [UInt8](repeating: 0x20, count: 700_000)
        for (hour, price) in (Self.calm + ["200"]).enumerated() { builder.append(Self.draft(price, hour: hour)) { $0 += filling } }
        let before = builder.batch.byteCount
        #expect(before < LogFormat.maximumBatchBytes)
        let tally = builder.test(with: detector, number: 1, at: .earliest)
        #expect(tally.tested == 11 && tally.outliers == 2 && tally.counts.map(\.count) == [1, 1])
        #expect(builder.batch.byteCount <= LogFormat.maximumBatchBytes && builder.batch.records.count == 2)
        _ = builder.take(origin: builder.batch.origin)
        builder.append(Self.draft("1", hour: 20)) { $0 += [UInt8](repeating: 0x20, count: LogFormat.maximumBatchBytes - 300) }
        let full = builder.test(with: detector, number: 2, at: .earliest)
        #expect(full.outliers == 2 && builder.batch.records.isEmpty && builder.batch.byteCount <= LogFormat.maximumBatchBytes)
    }

    @Test func aPreviewLooksForNone() throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + Self.rows(Self.calm + ["200"]))
        #expect(try bench.runs.preview(source: "csv").good > 0)
        #expect(try Self.outliers(bench).isEmpty)
    }

    @Test func aSymbolHasItsSeriesFromItsFirstTest() {
        let made = Mutex<[String]>([])
        let counters = OutlierCounters { field, type, symbol in
            made.withLock { $0.append("\(field.name) \(type.rawValue) \(symbol)") }
            return IngestMetrics.outliers(field: field, type: type, symbol: symbol)
        }
        let kinds = OutlierField.allCases.count * OutlierType.allCases.count
        counters.begin([Array("BTC".utf8), Array("ETH".utf8), Array("BTC".utf8)])
        #expect(made.withLock { Set($0).count } == 2 * kinds && made.withLock { $0.count } == 2 * kinds)
        counters.add([OutlierCount(symbol: Array("ETH".utf8), field: .price, type: .zScore, count: 1)])
        #expect(made.withLock { $0.count } == 2 * kinds, "it was there")
        counters.begin((0..<200).map { Array("S\($0)".utf8) })
        #expect(made.withLock { $0.count } == 100 * kinds)
        counters.add([OutlierCount(symbol: Array("S199".utf8), field: .price, type: .zScore, count: 1)])
        #expect(made.withLock { $0.last?.hasSuffix(" _other") } == true)
    }

    @Test func onlyTheFirstSymbolsHaveLabelsOfTheirOwn() {
        var symbols = OutlierSymbols()
        let labels = (0..<150).map { index in
            let symbol = Array("S\(index)".utf8)
            let number = symbols.number(of: symbol)
            return symbols.label(number, symbol)
        }
        #expect(labels.prefix(100) == (0..<100).map { "S\($0)" }[...] && Set(labels.dropFirst(100)) == ["_other"])
        let again = [7, 149].map { symbols.number(of: Array("S\($0)".utf8)) }
        #expect(again == [7, 100])
    }
}
