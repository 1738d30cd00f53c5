import MarketData
import TickerStore

/// A request for one page of a list beside `/data`, read and checked: which entries, how many, and from where.
///
/// Parameters that are left out beside a cursor are taken from it, those that contradict it are refused, and `limit` may differ (spec section 9).
struct ListRequest: Sendable {
    let kind: CursorKind
    let limit: Int
    private(set) var filters: ListFilters
    private let position: [UInt8]?

    /// - Parameters:
    ///   - kind: The list.
    ///   - query: Its symbols, sources, ids, bounds, direction, `limit` and `cursor` are read here, as far as the endpoint takes them.
    ///   - words: Further filters of the list, whose values the endpoint has checked.
    ///   - limits: What `limit` may be.
    ///   - usual: What it is when it is not given.
    init(
        _ kind: CursorKind,
        _ query: QueryParameters,
        words: [String] = [],
        limits: ClosedRange<Int> = 1...1_000,
        usual: Int = 50
    ) throws(Problem) {
        self.kind = kind
        limit = try query.integer("limit", in: limits) ?? usual
        let given = try GivenFilters(query)
        var givenWords: [String: String] = [:]
        for name in words { givenWords[name] = try query.single(name) }
        if let text = try query.single("cursor") {
            guard let cursor = ListCursor(text, kind) else { throw .brokenCursor }
            try given.check(against: cursor.filters.rows)
            for (name, word) in givenWords where cursor.filters.words[name] != word { throw .contradictsCursor(name) }
            filters = cursor.filters
            position = cursor.position
        } else {
            filters = ListFilters(rows: given.filters, words: givenWords)
            position = nil
        }
        if let from = filters.rows.from, let to = filters.rows.to, from >= to {
            throw .invalidParameter("from", "`from` must be earlier than `to`: from is inclusive, to is exclusive.")
        }
        let bytes = filters.rows.textBytes + filters.words.values.reduce(0) { $0 + $1.utf8.count }
        if bytes > DataRequest.mostFilterBytes {
            throw .invalidParameter(
                ["symbol", "source", "source_id", "reason", "field", "type"].first(where: query.has) ?? "cursor",
                "The filters are longer than \(DataRequest.mostFilterBytes) bytes together. Ask for fewer at once."
            )
        }
    }

    /// Whether this is the first page.
    var startsList: Bool { position == nil }

    /// What the list wrote about the last entry of the page before.
    ///
    /// - Parameter read: Gives nil where the bytes are none that the list writes.
    /// - Returns: nil on the first page.
    func place<Place>(_ read: (inout CursorReader) -> Place?) throws(Problem) -> Place? {
        guard let position else { return nil }
        var fields = CursorReader(position[...])
        guard let place = read(&fields), fields.isAtEnd else { throw .brokenCursor }
        return place
    }

    /// The cursor of the next page.
    ///
    /// - Parameter write: Puts down what `place` is to read.
    func cursor(_ write: (inout CursorWriter) -> Void) -> String {
        var fields = CursorWriter()
        write(&fields)
        return ListCursor(kind: kind, filters: filters, position: fields.bytes).text
    }

    /// The filters as the store wants them, with `limit`.
    var storeQuery: RowQuery {
        var query = RowQuery()
        query.symbols = filters.rows.symbols
        query.sources = filters.rows.sources
        query.sourceIDs = filters.rows.sourceIDs
        query.from = filters.rows.from
        query.to = filters.rows.to
        query.direction = filters.rows.direction
        query.limit = limit
        return query
    }

    /// The symbol, where the list can do with one only.
    func oneSymbol() throws(Problem) -> [UInt8]? { try one("symbol", filters.rows.symbols) }

    /// The source, where the list can do with one only.
    func oneSource() throws(Problem) -> String? { try one("source", filters.rows.sources).map { String(decoding: $0, as: UTF8.self) } }

    private func one(_ name: String, _ values: [[UInt8]]) throws(Problem) -> [UInt8]? {
        if values.count > 1 { throw .invalidParameter(name, "`\(name)` takes one value here, not \(values.count).") }
        return values.first
    }

    /// Ties the walk to one source, and to one of its coins, whatever comes meanwhile.
    mutating func pin(source: [UInt8], sourceID: [UInt8]) {
        filters.rows.sources = [source]
        filters.rows.sourceIDs = [sourceID]
    }
}
