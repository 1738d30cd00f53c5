import MarketData

/// What gives a field of ours its value, and why.
package struct MappingDecision: Sendable, Equatable {
    package enum Reason: String, Sendable {
        case declared
        case exactName = "exact name"
        case constant
        /// From the name of the file.
        case fileName = "file name"
        /// A required field that nothing gives.
        case missing
        /// Nothing gives it, so that it says what the symbol says (spec section 3).
        case fallback = "same as symbol"
        /// A field that may be absent, and that nothing gives.
        case absent
    }

    /// Our name.
    package var field: String
    /// The source's own name: a column, a JSON pointer or a path; for a constant its value; nil when nothing gives the field.
    package var from: String?
    package var reason: Reason
}

extension [MappingDecision] {
    /// Of a source whose fields are all declared.
    ///
    /// - Parameters:
    ///   - fields: the source's own name for a field.
    ///   - constants: win over them.
    init(fields: [TickerField: String], constants: [TickerField: String]) {
        self = TickerField.allCases.map { field in
            if let value = constants[field] { return MappingDecision(field: field.rawValue, from: value, reason: .constant) }
            if let name = fields[field] { return MappingDecision(field: field.rawValue, from: name, reason: .declared) }
            return MappingDecision(without: field)
        }
    }

    /// Of a table's columns.
    init(header: CSVHeader, mapping: ColumnMapping, source: CSVSource) {
        self = TickerField.allCases.map { field in
            if let value = source.format.constants[field] { return MappingDecision(field: field.rawValue, from: value, reason: .constant) }
            if field == .symbol, source.symbolPattern != nil { return MappingDecision(field: field.rawValue, from: nil, reason: .fileName) }
            guard let column = mapping.columns[field] else {
                return MappingDecision(without: field)
            }
            let name = String(decoding: header.names[column], as: UTF8.self)
            return MappingDecision(field: field.rawValue, from: name, reason: source.declared[name] == field ? .declared : .exactName)
        }
    }
}

extension MappingDecision {
    /// For a field that nothing gives.
    fileprivate init(without field: TickerField) {
        let reason: Reason =
            switch field {
            case .name, .sourceID: .fallback
            case _ where TickerField.required.contains(field): .missing
            default: .absent
            }
        self.init(field: field.rawValue, from: nil, reason: reason)
    }
}
