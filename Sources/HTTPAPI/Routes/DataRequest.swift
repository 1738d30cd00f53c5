import MarketData
import TickerStore

/// A request to `/data`, read and checked.
struct DataRequest: Sendable {
    /// How rows are printed.
    enum Format: String, Sendable { case json, ndjson, csv }

    var filters = RowFilters()
    var travel = RowCursor.Travel.forward
    var position: RowPosition?
    /// Whether this is known to be the first page of its list.
    var startsList = true
    var skip = 0
    var limit = 50
    var format = Format.json
    /// Whether rows are shown with where they came from.
    var includesLineage = false

    static let parameters = [
        "symbol", "source", "source_id", "from", "start", "to", "end", "sort_by", "sort_dir", "limit", "cursor", "page",
        "format", "include",
    ]

    /// `page` is for people who leaf; whoever reads everything uses cursors, which cost the same at any depth.
    static let deepestRow = 100_000
    /// Filters travel inside cursors, and cursors inside a request line of 8 KiB.
    static let mostFilterBytes = 4096

    init(_ query: QueryParameters) throws(Problem) {
        limit = try query.integer("limit", in: 1...1000) ?? 50
        if let word = try query.choice("format", of: ["json", "ndjson", "csv"]), let wanted = Format(rawValue: word) { format = wanted }
        // A list, should there be more one day.
        for word in try query.list("include") ?? [] where word != "lineage" {
            throw .invalidParameter(
                "include",
                "`include` must be `lineage`, not `\(word)`." + Suggestion.text(for: word, among: ["lineage"])
            )
        }
        includesLineage = query.has("include")
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
            let longest = ["symbol", "source", "source_id"].first(where: query.has) ?? "cursor"
            throw .invalidParameter(
                longest,
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
        query.order = filters.order
        query.direction = isAscending ? .ascending : .descending
        // Null is last in the list whatever its order, so who comes from its end meets it first.
        query.hasNullsFirst = travel == .backward
        query.wantsLineage = includesLineage
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
}
