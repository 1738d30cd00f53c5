import MarketData
import Testing

@testable import TickerStore

@Suite struct CommittedRowsTests {
    @Test func fewRowsOfALargeBatchDoNotKeepAllItsSeries() throws {
        var options = StoreOptions.test()
        options.committed = { _ in }
        let engine = try StoreEngine(path: "data", fileSystem: SimulatedFileSystem(), options: options)
        // Seven series, ten rows each.
        try engine.commit(SealTests.rows(0..<70))
        let all = try #require(engine.committed.last)
        #expect(all.series.count == 7 && all.rowSeries.count == 70)
        try engine.commit(SealTests.rows(0..<63) + SealTests.rows(65..<67, price: "2"))
        let few = try #require(engine.committed.last)
        #expect(few.count == 2 && few.series.map { String(decoding: $0.symbol, as: UTF8.self) } == ["C2", "C3"] && few.rowSeries == [0, 1])
        #expect(few.cost < all.cost / 10, "\(few.cost) and \(all.cost)")
    }
}
