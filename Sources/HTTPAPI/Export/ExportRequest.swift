import HTTPTypes
import MarketData
import TickerStore

/// A request to `/data/export`, read and checked.
struct ExportRequest: Sendable {
    static let parameters = ["symbol", "source", "source_id", "from", "start", "to", "end", "sort_dir", "format", "raw"]

    var query = RowQuery()
    /// Whether rows come by time; else in the order that is quickest.
    var isInOrder = false
    var format = RowText.ndjson
    /// How CSV writes texts that a spreadsheet would run.
    var formulas = TickerTable.Formulas.escaped

    init(_ parameters: QueryParameters) throws(Problem) {
        let filters = try GivenFilters(parameters).filters
        if let from = filters.from, let to = filters.to, from >= to {
            throw .invalidParameter("from", "`from` must be earlier than `to`: from is inclusive, to is exclusive.")
        }
        query.symbols = filters.symbols
        query.sources = filters.sources
        query.sourceIDs = filters.sourceIDs
        query.from = filters.from
        query.to = filters.to
        query.direction = filters.direction
        isInOrder = parameters.has("sort_dir")
        if let word = try parameters.choice("format", of: ["ndjson", "csv"]), let wanted = RowText(rawValue: word) { format = wanted }
        if let word = try parameters.choice("raw", of: ["0", "1"]) {
            guard format == .csv else {
                throw .invalidParameter("raw", "`raw` is about CSV: other formats have nothing that is escaped. Leave it out, or add `format=csv`.")
            }
            formulas = word == "1" ? .raw : .escaped
        }
    }

    /// The file's name for those who save the answer.
    var fileName: String {
        var name = "kasparro"
        // One symbol or source of plain characters says what is in the file.
        for texts in [query.symbols, query.sources] where texts.count == 1 {
            let isPlain = texts[0].allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
            if isPlain { name += "-" + String(decoding: texts[0], as: UTF8.self) }
        }
        return name + "-export.\(format.rawValue)"
    }
}
