import MarketData

/// Which column of a file gives which field: declared names before exact ones (spec section 4).
struct ColumnMapping: Sendable, Equatable {
    /// Column number by field.
    private(set) var columns: [TickerField: Int] = [:]

    init(header: [[UInt8]], declared: [String: TickerField]) {
        let names = header.map { String(decoding: $0, as: UTF8.self) }
        for (column, name) in names.enumerated() {
            if let field = declared[name], columns[field] == nil { columns[field] = column }
        }
        for (column, name) in names.enumerated() {
            if let field = TickerField(rawValue: name), columns[field] == nil { columns[field] = column }
        }
    }

    /// Required fields that no column gives.
    var missing: [TickerField] { TickerField.required.filter { columns[$0] == nil } }

    /// Columns that give nothing, by number.
    func unmapped(of count: Int) -> [Int] {
        let used = Set(columns.values)
        return (0..<count).filter { !used.contains($0) }
    }
}
