import MarketData

/// Which types of values a source has given for each of our fields (spec section 4): string, number or boolean; for timestamps string or
/// integer. Null has no type, and 1 and 1.0 have the same.
struct FieldTypes: Sendable, Equatable {
    enum ValueType: UInt32, CaseIterable, Sendable {
        case string = 1
        case number = 2
        case boolean = 4

        func name(in field: TickerField) -> String {
            switch self {
            case .string: "string"
            case .number: field == .timestamp ? "integer" : "number"
            case .boolean: "boolean"
            }
        }
    }

    /// Four bits a field, by `TickerField.ordinal`.
    private var bits: UInt32 = 0

    mutating func add(_ type: ValueType, in field: TickerField) { bits |= type.rawValue << UInt32(4 * field.ordinal) }
    mutating func add(_ other: FieldTypes) { bits |= other.bits }
    mutating func removeAll() { bits = 0 }

    /// Whether all of the other's types are known here.
    func holds(_ other: FieldTypes) -> Bool { other.bits & ~bits == 0 }

    func types(of field: TickerField) -> [ValueType] {
        let own = bits >> UInt32(4 * field.ordinal)
        return ValueType.allCases.filter { own & $0.rawValue != 0 }
    }

    /// What a cell's text is, for a timestamp: tables know no types, but digits are an epoch.
    mutating func addTimestamp(text: Span<UInt8>) {
        var isNumber = !text.isEmpty
        for index in text.indices {
            let byte = text[index]
            if (0x30...0x39).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") && index == 0 { continue }
            isNumber = false
            break
        }
        add(isNumber ? .number : .string, in: .timestamp)
    }
}

extension FieldTypes {
    /// Writes an object: field → names of types.
    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        for field in TickerField.allCases {
            let types = types(of: field)
            if !types.isEmpty { writer.array(field.rawValue, types) { $0.string($1.name(in: field)) } }
        }
        writer.endObject()
    }

    /// What `append` wrote.
    init(_ value: JSONValue) {
        for field in TickerField.allCases {
            for name in value.member(field.rawValue)?.elements.compactMap(\.string) ?? [] {
                if let type = ValueType.allCases.first(where: { $0.name(in: field) == name }) { add(type, in: field) }
            }
        }
    }
}
