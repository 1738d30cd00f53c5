import MarketData

/// What gives a field of ours its value, and why.
package struct MappingDecision: Sendable, Equatable {
    /// What a field of ours goes by.
    package enum Reason: String, Sendable {
        case declared
        /// By `kasparro mappings approve`.
        case approved
        case exactName = "exact name"
        /// Found out from names and values.
        case inferred
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
    /// Of what was found out, from 0 to 100.
    package var confidence: Int?

    package init(field: String, from: String?, reason: Reason) {
        self.field = field
        self.from = from
        self.reason = reason
    }
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

    /// Of a shape.
    ///
    /// - Parameters:
    ///   - given: what gives a field, if it is no field of the source's records.
    init(_ decision: SchemaDecision, given: [TickerField: MappingDecision]) {
        self = TickerField.allCases.map { field in
            if let known = given[field] { return known }
            guard let match = decision.match(for: field) else { return MappingDecision(without: field) }
            let reason: MappingDecision.Reason =
                switch match.origin {
                case .declared: .declared
                case .approved: .approved
                case .exact: .exactName
                case .inferred: .inferred
                }
            var found = MappingDecision(field: field.rawValue, from: match.from, reason: reason)
            if match.origin == .inferred { found.confidence = match.confidence }
            return found
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
