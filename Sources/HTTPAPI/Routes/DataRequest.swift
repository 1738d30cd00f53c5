import MarketData
import TickerStore

/// A request to `/data`, read and checked.
struct DataRequest: Sendable {
    /// How rows are printed.
    enum Format: String, Sendable { case json, ndjson }

    var filters = RowFilters()
    var travel = RowCursor.Travel.forward
    var position: RowPosition?
    /// Whether this is known to be the first page of its list.
    var startsList = true
    var skip = 0
    var limit = 50
    var format = Format.json

    static let parameters = [
        "symbol", "source", "source_id", "from", "start", "to", "end", "sort_by", "sort_dir", "limit", "cursor", "page",
        "format", "include",
    ]

    /// `page` is for people who leaf; whoever reads everything uses cursors, which cost the same at any depth.
    static let deepestRow = 100_000
    /// Filters travel inside cursors, and cursors inside a request line of 8 KiB.
    static let mostFilterBytes = 4096

    init(_ query: QueryParameters) throws(Problem) {
        try Self.checkSort(query)
        limit = try query.integer("limit", in: 1...1000) ?? 50
        if let word = try query.single("format") { format = try Self.format(word) }
        if query.has("include") {
            throw .invalidParameter("include", "`include` is not available in this version. Leave it out.")
        }
        let given = try GivenFilters(query)
        if let text = try query.single("cursor") {
            guard let cursor = RowCursor(text) else { throw .brokenCursor }
            if query.has("page") {
                throw .invalidParameter("page", "`page` and `cursor` are two ways to the same place. Give one of them.")
            }
            try given.check(against: cursor.filters)
            (filters, travel, position) = (cursor.filters, cursor.travel, cursor.position)
            startsList = position == nil && travel == .forward
        } else {
            filters = given.filters
            try selectPage(query)
        }
        if let from = filters.from, let to = filters.to, from >= to {
            throw .invalidParameter("from", "`from` must be earlier than `to`: from is inclusive, to is exclusive.")
        }
        if filters.textBytes > Self.mostFilterBytes {
            throw .invalidParameter(
                "symbol",
                "The values of `symbol`, `source` and `source_id` are longer than \(Self.mostFilterBytes) bytes "
                    + "together. Ask for fewer at once."
            )
        }
    }

    /// What to ask the store: rows beyond `position` in the direction of travel.
    var storeQuery: RowQuery {
        var query = RowQuery()
        query.symbols = filters.symbols
        query.sources = filters.sources
        query.sourceIDs = filters.sourceIDs
        query.from = filters.from
        query.to = filters.to
        let isAscending = (filters.direction == .ascending) == (travel == .forward)
        query.direction = isAscending ? .ascending : .descending
        query.after = position
        query.skip = skip
        query.limit = limit
        return query
    }

    private mutating func selectPage(_ query: QueryParameters) throws(Problem) {
        let lastPage = max(1, Self.deepestRow / limit)
        guard let text = try query.single("page") else { return }
        if let page = Int(text), page > lastPage {
            throw .invalidParameter(
                "page",
                "`page=\(text)` is too deep: with limit=\(limit) pages end at \(lastPage) "
                    + "(\(Self.deepestRow) rows). Follow `next_cursor` to go further, or narrow `from` and `to`."
            )
        }
        let page = try query.integer("page", in: 1...lastPage) ?? 1
        skip = (page - 1) * limit
        startsList = page == 1
    }

    private static func format(_ word: String) throws(Problem) -> Format {
        if let format = Format(rawValue: word) { return format }
        if word == "csv" {
            throw .invalidParameter("format", "`format=csv` is not available in this version. Use `json` or `ndjson`.")
        }
        throw .invalidParameter("format", "`format` must be `json` or `ndjson`, not `\(word)`.")
    }

    private static func checkSort(_ query: QueryParameters) throws(Problem) {
        let later = ["symbol", "source", "price_usd", "volume_24h", "market_cap", "percent_change_24h"]
        guard let word = try query.single("sort_by"), word != "timestamp" else { return }
        if later.contains(word) {
            throw .invalidParameter(
                "sort_by",
                "`sort_by=\(word)` is not available in this version. Rows can be sorted by `timestamp`."
            )
        }
        throw .invalidParameter(
            "sort_by",
            "`sort_by` must be `timestamp`, not `\(word)`." + Suggestion.text(for: word, among: ["timestamp"])
        )
    }
}
