import MarketData

/// Which column of a file gives which field: declared names before exact ones (spec section 4).
struct ColumnMapping: Sendable, Equatable {
    /// Column number by field.
    private(set) var columns: [TickerField: Int] = [:]
    /// Fields whose value no column gives, because the source declares it.
    private let constants: Set<TickerField>
    /// Required fields that no column gives.
    let missing: [TickerField]

    init(header: [[UInt8]], declared: [String: TickerField], constants: Set<TickerField> = []) {
        self.constants = constants
        let names = header.map { String(decoding: $0, as: UTF8.self) }
        for (column, name) in names.enumerated() {
            if let field = declared[name], columns[field] == nil, !constants.contains(field) { columns[field] = column }
        }
        for (column, name) in names.enumerated() {
            if let field = TickerField(rawValue: name), columns[field] == nil, !constants.contains(field) { columns[field] = column }
        }
        missing = TickerField.required.filter { [columns] in columns[$0] == nil && !constants.contains($0) }
    }

    /// Columns that give nothing, by number.
    func unmapped(of count: Int) -> [Int] {
        let used = Set(columns.values)
        return (0..<count).filter { !used.contains($0) }
    }
}
