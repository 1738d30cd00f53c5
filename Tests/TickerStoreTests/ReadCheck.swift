import MarketData

@testable import TickerStore

/// Compares answers with a plain search through all rows.
enum ReadCheck {
    /// Reads a page and compares it with the model's.
    ///
    /// - Parameters:
    ///   - rows: The model's in order of time; nil: they are sorted for this check.
    ///   - list: Those that match in the order of the query; nil: they are sorted for this check.
    ///   - newest: Whether the newest row of each series is compared as well.
    @discardableResult
    static func run(
        _ store: StoreUnderTest,
        _ query: RowQuery,
        rows: [TestRow]? = nil,
        list: NaiveOrder.List? = nil,
        newest: Bool
    ) throws -> RowPage {
        let rows = rows ?? store.model.sorted
        let page = try store.snapshot.page(query)
        let matching = rows.filter { matches($0, query) }
        let order = NaiveOrder(query)
        let list = list ?? order.list(matching)
        let expected = (query.after.map { list.rows(behind: $0) } ?? list.rows[...]).dropFirst(query.skip)
        let shown = Array(expected.prefix(query.limit))
        if page.lines != shown.map(\.line) || page.hasMore != (expected.count > query.limit) {
            store.report("\(query) gives \(page.rowCount) rows, more: \(page.hasMore), not the \(shown.count) of \(expected.count) expected")
        }
        if page.first?.timestamp.milliseconds != shown.first?.milliseconds || page.last?.series != shown.last?.key
            || page.last?.literal != shown.last.map({ order.literal($0) })
        {
            store.report("\(query) names the wrong first or last row")
        }
        guard newest else { return page }
        try latest(store, query, matching)
        return page
    }

    private static func latest(_ store: StoreUnderTest, _ query: RowQuery, _ matching: [TestRow]) throws {
        var newest: [SeriesKey: TestRow] = [:]
        for row in matching { newest[row.key] = row }
        let expected = newest.sorted { $0.key < $1.key }.map(\.value.line)
        var found: [String] = []
        var after: SeriesKey?
        while true {
            let page = try store.snapshot.latest(query, after: after)
            found += page.lines
            guard page.hasMore, let last = page.last else { break }
            after = last.series
        }
        if found != expected { store.report("\(query) gives \(found.count) newest rows, not the \(expected.count) expected") }
    }

    static func matches(_ row: TestRow, _ query: RowQuery) -> Bool {
        let key = row.key
        return (query.symbols.isEmpty || query.symbols.contains(key.symbol)) && (query.sources.isEmpty || query.sources.contains(key.source))
            && (query.sourceIDs.isEmpty || query.sourceIDs.contains(key.sourceID)) && query.from.map { row.milliseconds >= $0.milliseconds } ?? true
            && query.to.map { row.milliseconds < $0.milliseconds } ?? true
    }
}
