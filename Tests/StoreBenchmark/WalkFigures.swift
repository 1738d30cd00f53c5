import MarketData
import TickerStore

/// A walk over everything, a cursor after the other: the last pages must cost what the first ones do.
struct WalkFigures {
    private static let pageRows = 1_000
    /// Pages at each end that are compared.
    private static let pages = 100
    private static let rounds = 3

    private let store: BigStore

    init(_ store: BigStore) { self.store = store }

    func measure(into report: inout Report) throws {
        var whole = Samples()
        var first = Samples()
        var last = Samples()
        var ratio = Samples()
        for _ in 0..<Self.rounds {
            let times = try walk()
            whole.add(mean(times[...]))
            first.add(mean(times.prefix(Self.pages)))
            last.add(mean(times.suffix(Self.pages)))
            ratio.add(mean(times.suffix(Self.pages)) / mean(times.prefix(Self.pages)))
        }
        report.add("a page of 1,000 rows of a walk over everything, mean", whole.median * 1e3, "ms")
        report.add("the first 100 pages of the walk, mean", first.median * 1e3, "ms")
        report.add("the last 100 pages of the walk, mean", last.median * 1e3, "ms")
        report.add("the last pages beside the first", ratio.median, "×", .atMost(1.3))
        report.add("all pages beside the first", whole.median / first.median, "×", .atMost(1.3))
    }

    private func mean(_ times: ArraySlice<Double>) -> Double { times.reduce(0, +) / Double(times.count) }

    /// The seconds of each page, on a store that was opened just now.
    private func walk() throws -> [Double] {
        let opened = try store.open()
        let snapshot = opened.snapshot()
        var query = RowQuery()
        query.limit = Self.pageRows
        var rows = 0
        var times: [Double] = []
        var hasMore = true
        while hasMore {
            times.append(
                try seconds {
                    let page = try snapshot.page(query)
                    rows += page.rowCount
                    query.after = page.last
                    hasMore = page.hasMore
                }
            )
        }
        guard rows == store.rows else { throw Problem("the walk met \(rows) of \(store.rows) rows") }
        try opened.close()
        return times
    }
}
