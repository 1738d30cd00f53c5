/// A value in a document: the document and a place in its index, cheap to copy.
public struct JSONValue: Sendable {
    /// What a value is.
    public enum Kind: Equatable, Sendable {
        case object, array, string, number
        /// `true` or `false`.
        case bool(Bool)
        case null
    }

    let storage: JSONDocument.Storage
    let index: Int

    var node: JSONNode { storage.nodes[index] }

    /// What the value is.
    public var kind: Kind {
        switch node.tag {
        case .object: .object
        case .array: .array
        case .string: .string
        case .number: .number
        case .true: .bool(true)
        case .false: .bool(false)
        case .null: .null
        }
    }

    /// The document the value is part of.
    public var document: JSONDocument { JSONDocument(indexed: storage) }

    /// The value's own text in `document.bytes`: a number's lexeme, a string with its quotes, an object with its
    /// braces.
    public var raw: Range<Int> { node.range }

    /// How many members an object has, or elements an array; 0 for other values.
    public var count: Int { node.count }

    /// Whether the value is null; a member that is absent is nil instead.
    public var isNull: Bool { node.tag == .null }

    /// Lends the value's own text, the bytes at `raw`.
    @inlinable
    public func withRaw<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let (bytes, range) = rawText
        return try body(bytes.span.extracting(range))
    }

    @usableFromInline
    var rawText: (bytes: [UInt8], range: Range<Int>) { (storage.bytes, node.range) }

    // MARK: Scalars

    /// A string's text, or nil for other values.
    public var string: String? {
        guard node.tag == .string else { return nil }
        guard node.hasEscapes else { return String(decoding: storage.bytes[node.content], as: UTF8.self) }
        var text: [UInt8] = []
        appendString(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends a string's text as UTF-8, one copy when it has no escapes.
    ///
    /// - Returns: false, and nothing appended, when the value is not a string.
    @discardableResult
    public func appendString(to out: inout [UInt8]) -> Bool {
        let node = node
        guard node.tag == .string else { return false }
        storage.bytes.withUnsafeBufferPointer { bytes in
            let content = UnsafeBufferPointer(rebasing: bytes[node.content])
            if node.hasEscapes {
                JSONString.appendDecoded(content, to: &out)
            } else {
                out.append(contentsOf: content)
            }
        }
        return true
    }

    /// A number's exact value when it is whole and fits, however it is written (`12`, `12.0`, `1.2e1`); else nil.
    public var integer: Int64? {
        guard node.tag == .number else { return nil }
        var literal: [UInt8] = []
        let bytes = storage.bytes
        guard (try? DecimalLiteral.appendCanonical(bytes.span.extracting(node.range), to: &literal)) != nil
        else { return nil }
        if let point = literal.firstIndex(of: ASCII.period) {
            guard literal[(point + 1)...].allSatisfy({ $0 == ASCII.zero }) else { return nil }
            literal.removeSubrange(point...)
        }
        return Int64(String(decoding: literal, as: UTF8.self))
    }

    /// The value of `true` or `false`, or nil for other values.
    public var boolValue: Bool? {
        switch node.tag {
        case .true: true
        case .false: false
        default: nil
        }
    }
}
