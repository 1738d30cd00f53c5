/// A path to a value inside a document (RFC 6901), taken apart once and then followed in many records.
public struct JSONPointer: Sendable, Hashable {
    /// The names or positions on the way, with `~0` and `~1` undone.
    public let tokens: [[UInt8]]

    /// Reads a pointer: empty for the whole document, or `/` before each token. Nil when it is neither, or when a `~`
    /// is not followed by 0 or 1.
    public init?(_ text: String) {
        var tokens: [[UInt8]] = []
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") else { return nil }
                tokens[tokens.count - 1].append(byte == UInt8(ascii: "0") ? ASCII.tilde : ASCII.slash)
                isEscaped = false
            } else if byte == ASCII.slash {
                tokens.append([])
            } else {
                guard !tokens.isEmpty else { return nil }
                isEscaped = byte == ASCII.tilde
                if !isEscaped { tokens[tokens.count - 1].append(byte) }
            }
        }
        guard !isEscaped else { return nil }
        self.tokens = tokens
    }

    /// The array position a token names: `0`, or digits without a leading zero.
    static func position(_ token: [UInt8]) -> Int? {
        guard let first = token.first, token.count <= 9, token.allSatisfy(ASCII.isDigit),
            first != ASCII.zero || token.count == 1
        else { return nil }
        return token.reduce(0) { $0 * 10 + Int(ASCII.digit($1)) }
    }
}

extension JSONValue {
    /// The value that an RFC 6901 pointer leads to from here, or nil where there is none or the pointer is malformed.
    public func pointer(_ pointer: String) -> JSONValue? {
        guard let pointer = JSONPointer(pointer) else { return nil }
        return self.pointer(pointer)
    }

    /// The value that a pointer leads to from here, or nil where there is none.
    public func pointer(_ pointer: JSONPointer) -> JSONValue? {
        var value = self
        for token in pointer.tokens {
            switch value.kind {
            case .object:
                guard let member = value.member(token) else { return nil }
                value = member
            case .array:
                guard let position = JSONPointer.position(token), let element = value.element(position) else {
                    return nil
                }
                value = element
            default:
                return nil
            }
        }
        return value
    }
}
