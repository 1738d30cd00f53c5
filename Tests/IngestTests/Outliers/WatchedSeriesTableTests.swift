import MarketData
import Testing
import TickerStore

@testable import Ingest

@Suite struct WatchedSeriesTableTests {
    /// Remembers what was loaded.
    private struct Bench {
        var table: WatchedSeriesTable
        var loaded: [String] = []

        init(capacity: Int, batchesOnTheirWay: Int) {
            table = WatchedSeriesTable(capacity: capacity, batchesOnTheirWay: batchesOnTheirWay)
        }

        /// A batch of one row each, at a time.
        mutating func meet(_ symbols: [String], at time: Int64) {
            let one = Array("1".utf8)
            let keys = symbols.map { SeriesKey(symbol: $0, source: "csv", sourceID: $0) }
            let places = table.places(of: keys) { key in
                loaded.append(String(decoding: key.symbol, as: UTF8.self))
                return WatchedSeries()
            }
            var findings: [OutlierFinding] = []
            let numbers = symbols.map { _ in TestedNumbers(price: one.span, volume: one.span, marketCap: one.span) }
            let rows = symbols.indices.map {
                BatchRow(series: UInt32($0), lineLength: 0, rawLength: 0, timestamp: Timestamp(milliseconds: time))
            }
            _ = table.take(rows.span, numbers.span, places: places.span, &findings)
        }

        /// The newest times of series that are in memory.
        mutating func newest(_ symbols: [String]) -> [Int64?] {
            var isLoaded: Set<[UInt8]> = []
            let keys = symbols.map { SeriesKey(symbol: $0, source: "csv", sourceID: $0) }
            let places = table.places(of: keys) { key in
                isLoaded.insert(key.symbol)
                return WatchedSeries()
            }
            return zip(keys, places).map { isLoaded.contains($0.symbol) ? nil : table.series[$1].newest }
        }
    }

    @Test func aSeriesIsLoadedOnce() {
        var bench = Bench(capacity: 8, batchesOnTheirWay: 1)
        for time in 1...50 { bench.meet(["A", "B"], at: Int64(time)) }
        let newest = bench.newest(["A"])
        #expect(bench.loaded == ["A", "B"] && newest == [50])
    }

    @Test func whatWasNotMetForLongestGoesFirst() {
        var bench = Bench(capacity: 8, batchesOnTheirWay: 1)
        for (time, symbol) in ["A", "B", "C", "D", "E", "F", "G", "H", "A", "I", "J"].enumerated() { bench.meet([symbol], at: Int64(time)) }
        #expect(bench.table.count == 7, "six of nine stayed when J came")
        let newest = bench.newest(["A", "E", "J", "D"])
        #expect(newest == [8, 4, 10, nil], "what stays keeps its windows")
    }

    /// Until its rows are in the store, the store knows less of a series than the table does.
    @Test func seriesOfTheNewestBatchesStayHoweverManyThereAre() {
        var bench = Bench(capacity: 4, batchesOnTheirWay: 2)
        for time in 0..<20 {
            bench.meet((0..<5).map { "\(time)-\($0)" }, at: Int64(time))
            #expect(bench.table.count <= 15, "two batches, and the one that is met")
        }
        let newest = bench.newest((0..<5).map { "19-\($0)" })
        #expect(newest == [19, 19, 19, 19, 19])
        bench.loaded = []
        bench.meet(["0-0"], at: 99)
        #expect(bench.loaded == ["0-0"])
    }

    @Test func anUnknownSeriesHasNothingNewer() {
        #expect(WatchedSeries.unknown.newest == .max && WatchedSeries().newest == .min)
    }
}
