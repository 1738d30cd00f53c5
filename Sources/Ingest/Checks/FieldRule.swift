/// What a source declares of one field beyond the form of its values.
enum FieldRule {
    case none
    /// The value in all records.
    case constant([UInt8])
    /// Where in the field's text the value is.
    case pattern(FieldPattern)
    /// The declared pattern is no regular expression; the configuration's check says so first.
    case unreadablePattern

    var isDeclared: Bool { if case .none = self { false } else { true } }
    var isConstant: Bool { if case .constant = self { true } else { false } }

    /// The rules of all fields, by `TickerField.ordinal`; a constant wins over a pattern.
    static func rules(of format: RecordFormat) -> [FieldRule] {
        TickerField.allCases.map { field in
            if let constant = format.constants[field] { return .constant(Array(constant.utf8)) }
            guard let pattern = format.patterns[field] else { return .none }
            return (try? TextPattern(pattern)).map { .pattern(FieldPattern($0)) } ?? .unreadablePattern
        }
    }
}
