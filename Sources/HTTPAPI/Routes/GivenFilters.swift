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
        do {
            return try Self.time(text)
        } catch {
            let reason =
                switch error {
                case .unreadable: "is not a time this server reads"
                case .zoneName:
                    "names a time zone, whose meaning changes with place and season; write its offset instead"
                case .ambiguousDate: "may be read with the day or the month first; write the year first"
                }
            throw .invalidParameter(
                given,
                "`\(given)=\(text)` \(reason). Times are written as `2024-12-15T14:30:00Z` (RFC 3339, any offset), "
                    + "`2024-12-15`, `2024-12-15 14:30` (UTC), or seconds or milliseconds since 1970."
            )
        }
    }

    /// Forms send a blank as `+`; where a plus sign is meant, as in an offset, the first reading succeeds.
    private static func time(_ text: String) throws(Timestamp.Failure) -> Timestamp {
        do {
            return try Timestamp.parse(text)
        } catch {
            guard text.utf8.contains(UInt8(ascii: "+")) else { throw error }
            let blanks = text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
            if let timestamp = try? Timestamp.parse(blanks.span) { return timestamp }
            throw error
        }
    }
}
