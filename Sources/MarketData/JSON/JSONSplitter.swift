/// Finds the records in a JSON text that the strict reader refuses, so that one bad record does not take the others with it.
///
/// It looks at quotes and brackets only: what is inside a record is for `JSONDocument`, one record at a time. The text's structure must be
/// whole from end to end; one that was cut has no records. Nothing recurses and nothing is kept for each value, so depth and number of
/// values cost no memory.
public struct JSONSplitter: Sendable {
    /// Why there are no records.
    public enum Failure: Error, Equatable, Sendable {
        /// The text ends inside a value.
        case truncated
        /// Quotes, brackets, commas and colons do not make values.
        case malformed(offset: Int)
        /// The pointer leads nowhere.
        case absent
    }

    /// A record's place in the text; for a member of an object, with its key's, quotes included.
    public struct Piece: Equatable, Sendable {
        public let key: Range<Int>?
        public let value: Range<Int>
    }

    /// The text.
    public let bytes: [UInt8]
    /// The value that the pointer leads to.
    public let value: Range<Int>

    /// Looks for a value.
    ///
    /// - Parameters:
    ///   - bytes: the text, without byte order mark.
    ///   - pointer: where the value is; a name on the way that an object has twice is a failure, because nobody knows which one is meant.
    public init(_ bytes: [UInt8], pointer: JSONPointer) throws(Failure) {
        self.bytes = bytes
        let result = bytes.withUnsafeBufferPointer { buffer -> Result<Range<Int>, Failure> in
            var scanner = JSONStructure(buffer)
            do throws(Failure) {
                return .success(try scanner.find(pointer))
            } catch {
                return .failure(error)
            }
        }
        value = try result.get()
    }

    /// Whether the value is an array, an object, or neither.
    public var kind: JSONValue.Kind {
        switch bytes[value.lowerBound] {
        case JSONStructure.openBracket: .array
        case JSONStructure.openBrace: .object
        case ASCII.quote: .string
        default: .null
        }
    }

    /// The elements of the array, or the members of the object, in order; nothing for other values. Missing ones (`[1,,2]`) are left out.
    public func forEachPiece(_ body: (Piece) -> Bool) {
        bytes.withUnsafeBufferPointer { buffer in
            var scanner = JSONStructure(buffer)
            scanner.index = value.lowerBound
            // The structure was checked when the value was looked for.
            try? scanner.eachChild(body)
        }
    }
}

/// Walks over quotes and brackets.
struct JSONStructure {
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")

    typealias Failure = JSONSplitter.Failure

    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Walks over the whole text; gives the place of the value that the pointer leads to.
    mutating func find(_ pointer: JSONPointer) throws(Failure) -> Range<Int> {
        skipWhiteSpace()
        let start = index
        try skipValue()
        var found = start..<index
        skipWhiteSpace()
        guard index == bytes.count else { throw .malformed(offset: index) }
        for token in pointer.tokens { found = try child(token, of: found) }
        // The value's own children too, because they are what is wanted.
        index = found.lowerBound
        try eachChild { _ in true }
        return found
    }

    private mutating func child(_ token: [UInt8], of value: Range<Int>) throws(Failure) -> Range<Int> {
        let isArray = bytes[value.lowerBound] == Self.openBracket
        guard isArray || bytes[value.lowerBound] == Self.openBrace else { throw .absent }
        let wanted = isArray ? JSONPointer.position(token) : nil
        var position = 0
        var found: [Range<Int>] = []
        let text = bytes
        index = value.lowerBound
        try eachChild { piece in
            let isWanted = piece.key.map { Self.text(of: $0, in: text) == token } ?? (position == wanted)
            if isWanted, found.count < 2 { found.append(piece.value) }
            position += 1
            return true
        }
        guard let first = found.first else { throw .absent }
        guard found.count == 1 else { throw .malformed(offset: found[1].lowerBound) }
        return first
    }

    /// A key's text, or nil when it is none.
    private static func text(of key: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let lexeme = Array(bytes[key])
        guard lexeme.contains(ASCII.backslash) else { return Array(lexeme.dropFirst().dropLast()) }
        var text: [UInt8] = []
        guard let document = try? JSONDocument(parsing: lexeme), document.root.appendString(to: &text) else { return nil }
        return text
    }

    /// Goes through the children of the array or object at `index`, until `body` says no.
    mutating func eachChild(_ body: (JSONSplitter.Piece) -> Bool) throws(Failure) {
        let isObject = bytes[index] == Self.openBrace
        guard isObject || bytes[index] == Self.openBracket else { return }
        let close = isObject ? Self.closeBrace : Self.closeBracket
        index += 1
        while true {
            skipWhiteSpace()
            guard index < bytes.count else { throw .truncated }
            if bytes[index] == close {
                index += 1
                return
            }
            if bytes[index] == ASCII.comma {
                index += 1
                continue
            }
            var key: Range<Int>?
            if isObject { key = try takeKey() }
            let start = index
            try skipValue()
            if !body(JSONSplitter.Piece(key: key, value: start..<index)) { return }
            skipWhiteSpace()
            guard index < bytes.count else { throw .truncated }
            guard bytes[index] == ASCII.comma || bytes[index] == close else { throw .malformed(offset: index) }
        }
    }

    /// A member's key and colon.
    private mutating func takeKey() throws(Failure) -> Range<Int> {
        guard bytes[index] == ASCII.quote else { throw .malformed(offset: index) }
        let start = index
        try skipString()
        let key = start..<index
        skipWhiteSpace()
        guard index < bytes.count else { throw .truncated }
        guard bytes[index] == ASCII.colon else { throw .malformed(offset: index) }
        index += 1
        skipWhiteSpace()
        return key
    }

    /// Moves behind the value at `index`: a string, everything up to the bracket that closes the one here, or what stands before the next
    /// comma or closing bracket.
    private mutating func skipValue() throws(Failure) {
        guard index < bytes.count else { throw .truncated }
        switch bytes[index] {
        case ASCII.quote: try skipString()
        case Self.openBrace, Self.openBracket: try skipNested()
        default: try skipWord()
        }
    }

    private mutating func skipNested() throws(Failure) {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case ASCII.quote:
                try skipString()
                continue
            case Self.openBrace, Self.openBracket: depth += 1
            case Self.closeBrace, Self.closeBracket: depth -= 1
            default: break
            }
            index += 1
            if depth == 0 { return }
        }
        throw .truncated
    }

    private mutating func skipWord() throws(Failure) {
        let start = index
        while index < bytes.count, !Self.endsWord(bytes[index]) {
            index += 1
        }
        guard index > start else { throw .malformed(offset: start) }
    }

    private mutating func skipString() throws(Failure) {
        index += 1
        while index < bytes.count {
            index = JSONText.plainEnd(bytes, from: index)
            guard index < bytes.count else { break }
            switch bytes[index] {
            case ASCII.quote:
                index += 1
                return
            case ASCII.backslash: index += 2
            default: index += 1
            }
        }
        throw .truncated
    }

    private mutating func skipWhiteSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case ASCII.space, ASCII.lineFeed, ASCII.carriageReturn, ASCII.tab: index += 1
            default: return
            }
        }
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        byte <= ASCII.space || byte == ASCII.comma || byte == ASCII.colon || byte == closeBrace || byte == closeBracket
    }
}
