import MarketData

/// What the first values of a field look like, in constant memory.
struct ValueProfile: Sendable {
    /// The values of so many records are kept as they are, to be compared with what the store holds for the same records' symbols.
    static let keptValues = 50
    /// Of each so many bytes.
    private static let keptBytes = 64

    /// What a value is, as its source writes it.
    enum Kind: Sendable {
        case string, number, boolean
        /// An object or an array.
        case container
    }

    /// Records in which the field has a value.
    private(set) var present = 0
    /// Records in which it is there and null, or blank.
    private(set) var nulls = 0
    /// The first values, by record; nil where it has none.
    private(set) var first: [[UInt8]?] = []

    /// Takes the value of the next record as text: a cell, or what an element says.
    mutating func add(text: Span<UInt8>) { add(kind: .string, text) }

    /// Takes the value of the next record; nil when the record does not have the field.
    mutating func add(json value: JSONValue?) {
        guard let value, !value.isNull else {
            if value != nil { nulls += 1 }
            if first.count < Self.keptValues { first.append(nil) }
            return
        }
        switch value.kind {
        case .string:
            var text: [UInt8] = []
            value.appendString(to: &text)
            add(kind: .string, text.span)
        case .number: value.withRaw { add(kind: .number, $0) }
        case .bool: value.withRaw { add(kind: .boolean, $0) }
        case .object, .array, .null: add(kind: .container, [UInt8]().span)
        }
    }

    private mutating func add(kind: Kind, _ text: Span<UInt8>) {
        present += 1
        if first.count < Self.keptValues { first.append(Array(text.extracting(0..<min(text.count, Self.keptBytes)).bytes)) }
    }
}
