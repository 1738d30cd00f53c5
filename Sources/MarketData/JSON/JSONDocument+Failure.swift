extension JSONDocument {
    /// What is wrong with a text that should be JSON, and where.
    public struct Failure: Error, Equatable, Sendable {
        /// The kinds of faults.
        public enum Reason: String, Equatable, Sendable, CaseIterable {
            case empty = "there is no value"
            case unexpectedEnd = "the text ends too early"
            case unexpectedByte = "this byte cannot stand here"
            case invalidUTF8 = "not UTF-8"
            case invalidEscape = "not an escape sequence, or half a surrogate pair"
            case controlCharacter = "a control character must be escaped in a string"
            case invalidNumber = "not a number as JSON writes them"
            case tooDeep = "nested more than 64 deep"
            case duplicateKey = "this object has the same key twice"
            case trailingBytes = "something follows the end of the value"
            case tooManyValues = "more than 4194304 values"
            case tooLarge = "more than 4 GiB"
        }

        /// The index of the faulty byte; the length of the text where it ends too early.
        public let offset: Int
        /// What is wrong there.
        public let reason: Reason
        /// The line of that byte, from 1.
        public let line: Int
        /// Its place in the line in bytes, from 1.
        public let column: Int

        init(_ reason: Reason, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
            self.reason = reason
            self.offset = offset
            var line = 1
            var lineStart = 0
            for index in 0..<min(offset, bytes.count) where bytes[index] == ASCII.lineFeed {
                line += 1
                lineStart = index + 1
            }
            self.line = line
            column = offset - lineStart + 1
        }
    }
}

extension JSONDocument.Failure: CustomStringConvertible {
    /// `byte 17 (line 2, column 5): this object has the same key twice`
    public var description: String { "byte \(offset) (line \(line), column \(column)): \(reason.rawValue)" }
}
