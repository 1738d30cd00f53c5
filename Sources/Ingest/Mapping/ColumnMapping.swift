import MarketData

/// Which column of a file gives which field.
struct ColumnMapping: Sendable {
    /// Column number by field.
    let columns: [TickerField: Int]
    /// Required fields that no column gives.
    let missing: [TickerField]
    /// Columns in which a record must not say another currency.
    let currencies: [(column: Int, field: CurrencyField)]

    init(header: CSVHeader, decision: SchemaDecision) {
        var columns: [TickerField: Int] = [:]
        for match in decision.matches { columns[match.to] = header.index(of: Array(match.from.utf8)) }
        self.columns = columns
        missing = decision.missing
        currencies = decision.checkedCurrencies.compactMap { field in header.index(of: Array(field.name.utf8)).map { ($0, field) } }
    }
}

extension CSVHeader {
    /// The columns' names, each once, without empty ones.
    var shapeNames: [String] {
        var seen: Set<[UInt8]> = [[]]
        return names.filter { seen.insert($0).inserted }.map { String(decoding: $0, as: UTF8.self) }
    }
}
