import MarketData

/// Which column of a file gives which field.
struct ColumnMapping: Sendable, Equatable {
    /// Column number by field.
    let columns: [TickerField: Int]
    /// Required fields that no column gives.
    let missing: [TickerField]

    init(header: CSVHeader, decision: SchemaDecision) {
        var columns: [TickerField: Int] = [:]
        for match in decision.matches { columns[match.to] = header.index(of: Array(match.from.utf8)) }
        self.columns = columns
        missing = decision.missing
    }
}

extension CSVHeader {
    /// The columns' names, each once, without empty ones.
    var shapeNames: [String] {
        var seen: Set<[UInt8]> = [[]]
        return names.filter { seen.insert($0).inserted }.map { String(decoding: $0, as: UTF8.self) }
    }
}
