import MarketData
import TickerStore

/// Pages of one symbol.
struct PageFigures {
    private let store: BigStore

    init(_ store: BigStore) { self.store = store }

    func measure(into report: inout Report) throws {
        let opened = try store.open()
        let snapshot = opened.snapshot()
        var query = RowQuery()
        query.limit = 100
        var cold = Samples()
        var warm = Samples()
        for symbol in store.symbols(every: 10) {
            query.symbols = [symbol]
            for round in 0..<4 {
                let time = try seconds {
                    guard try snapshot.page(query).rowCount == min(100, store.rows / store.series) else { throw Problem("a page is too short") }
                }
                if round == 0 { cold.add(time) } else { warm.add(time) }
            }
        }
        report.add("100 rows of a symbol, blocks decoded already, median", warm.median * 1e6, "µs", .atMost(100))
        report.add("the same, 99th percentile", warm.percentile(99) * 1e6, "µs")
        report.add("100 rows of a symbol never read (page cache warm), median", cold.median * 1e3, "ms", .atMost(2))
        report.add("the same, 99th percentile", cold.percentile(99) * 1e3, "ms")
        try opened.close()
    }
}
