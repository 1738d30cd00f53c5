import MarketData
import TickerStore

/// Pages in the order of a number, of symbols and of sources: sealed and in the log, at the start, deep in a walk, and where all rows are equal.
struct OrderFigures {
    private static let pages = 20
    /// Rows that are not sealed.
    private static let loggedRows = 1_000_000

    private let store: BigStore
    private let directory: String

    init(_ store: BigStore, _ settings: Settings) {
        self.store = store
        directory = settings.directory
    }

    func measure(into report: inout Report) throws {
        let opened = try store.open()
        try measure(opened.snapshot(), "of \(store.rows) sealed rows", into: &report)
        try opened.close()
        let path = directory + "/logged"
        try removeDirectory(path)
        defer { try? removeDirectory(path) }
        let logged = try fill(path, equal: false)
        guard logged.statistics.walFiles == 1, logged.statistics.segments == 0 else { throw Problem("rows were sealed that should not be") }
        try measure(logged.snapshot(), "of \(Self.loggedRows) rows in the log", into: &report)
        try logged.close()
        try removeDirectory(path)
        let equal = try fill(path, equal: true)
        try measure(equal.snapshot(), "of \(Self.loggedRows) rows of one price in the log", into: &report, numbers: [.price])
        try equal.seal()
        try measure(equal.snapshot(), "of \(Self.loggedRows) sealed rows of one price", into: &report, numbers: [.price])
        try equal.close()
    }

    /// A store that seals nothing.
    private func fill(_ path: String, equal: Bool) throws -> Store {
        var options = StoreOptions()
        options.sealRows = 1 << 40
        options.logFileBytes = 1 << 30
        let store = try Store(path: path, options: options)
        var history = History(series: self.store.series)
        history.price = equal ? [UInt8]("1.00".utf8) : nil
        for _ in 0..<Self.loggedRows / 5_000 { _ = try store.commit(history.batch(5_000)) }
        return store
    }

    private func measure(_ snapshot: Snapshot, _ what: String, into report: inout Report, numbers: [NumberField] = NumberField.allCases) throws {
        for order in numbers.map(RowOrder.number) + [.symbol, .source] {
            var limit: Figure.Limit?
            if case .number = order, snapshot.counts.rows <= 1_000_000 { limit = .atMost(150) }
            var query = RowQuery()
            query.order = order
            query.limit = 1_000
            let first = try seconds { query.after = try snapshot.page(query).last }
            var times = Samples()
            for _ in 0..<Self.pages { times.add(try seconds { query.after = try snapshot.page(query).last }) }
            // From the middle: a place of the walk like any other.
            query.skip = min(100_000, snapshot.counts.rows / 2)
            let skipped = try seconds { query.after = try snapshot.page(query).last }
            query.skip = 0
            var deep = Samples()
            for _ in 0..<Self.pages { deep.add(try seconds { query.after = try snapshot.page(query).last }) }
            report.add("first page by \(order.name) \(what)", first * 1e3, "ms")
            report.add("1,000 rows by \(order.name) \(what), median", times.median * 1e3, "ms", limit)
            report.add("the same behind 100,000 rows", deep.median * 1e3, "ms", limit)
            report.add("100,000 rows left out, then a page", skipped * 1e3, "ms")
        }
    }
}
