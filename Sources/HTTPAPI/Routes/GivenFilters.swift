import MarketData
import TickerStore

/// The filters of one request as they were given, and which were.
struct GivenFilters: Sendable {
    private(set) var filters = RowFilters()
    private var names: [String: String] = [:]

    init(_ query: QueryParameters) throws(Problem) {
        if let symbols = try query.list("symbol") {
            var texts: [[UInt8]] = []
            for symbol in symbols {
                var text: [UInt8] = []
                do {
                    try TickerText.appendSymbol(Array(symbol.utf8).span, to: &text)
                } catch {
                    throw Problem.invalidParameter(
                        "symbol",
                        "`\(symbol)` is not a symbol: 1 to \(TickerText.maximumSymbolBytes) bytes, for example `BTC`."
                    )
                }
                texts.append(text)
            }
            filters.symbols = RowFilters.canonical(texts)
            names["symbol"] = "symbol"
        }
        if let sources = try query.list("source") {
            filters.sources = RowFilters.canonical(sources.map { Array($0.utf8) })
            names["source"] = "source"
        }
        if let sourceID = try query.single("source_id") {
            filters.sourceIDs = [Array(sourceID.utf8)]
            names["source_id"] = "source_id"
        }
        filters.from = try bound("from", alias: "start", query)
        filters.to = try bound("to", alias: "end", query)
        if let word = try query.choice("sort_by", of: RowOrder.all.map(\.name)), let order = RowOrder(name: word) {
            filters.order = order
            names["sort_by"] = "sort_by"
        }
        if let word = try query.choice("sort_dir", of: ["desc", "asc"]) {
            filters.direction = word == "asc" ? .ascending : .descending
            names["sort_dir"] = "sort_dir"
        }
    }

    /// A parameter beside a cursor may repeat what the cursor says, not change it.
    func check(against cursor: RowFilters) throws(Problem) {
        let same: [(name: String, isSame: Bool)] = [
            ("symbol", filters.symbols == cursor.symbols),
            ("source", filters.sources == cursor.sources),
            ("source_id", filters.sourceIDs == cursor.sourceIDs),
            ("from", filters.from == cursor.from),
            ("to", filters.to == cursor.to),
            ("sort_by", filters.order == cursor.order),
            ("sort_dir", filters.direction == cursor.direction),
        ]
        for (name, isSame) in same where !isSame {
            if let given = names[name] { throw .contradictsCursor(given) }
        }
    }

    private mutating func bound(
        _ name: String,
        alias: String,
        _ query: QueryParameters
    ) throws(Problem) -> Timestamp? {
        if query.has(name), query.has(alias) {
            throw .invalidParameter(alias, "`\(name)` and `\(alias)` are the same parameter. Give one of them.")
        }
        let given = query.has(alias) ? alias : name
        guard let text = try query.single(given) else { return nil }
        names[name] = given
        return try TimeText.parse(text, of: given)
    }
}
