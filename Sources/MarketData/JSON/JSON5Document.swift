/// A configuration's text in JSON5 (json5.org), read by being rewritten as JSON, with the places of the text as it was written.
///
/// Understood beside JSON: `//` and `/* */` comments, trailing commas, keys without quotes, strings in single quotes with all of JSON5's
/// escapes, numbers such as `.5`, `5.` and `+1`, every blank of Unicode, a byte order mark. Refused with a message of their own:
/// hexadecimal numbers, `NaN`, `Infinity`, and keys without quotes that are not plain ASCII names.
public struct JSON5Document: Sendable {
    /// A place in the text as people count: both from 1, the column in Unicode scalars.
    public struct Place: Sendable, Equatable {
        public let line: Int
        public let column: Int

        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    /// What is wrong with a text, and where. Nothing of the text is quoted: it may be a secret that lost its quotes.
    public struct Failure: Error, Sendable, Equatable {
        public let place: Place
        public let message: String
    }

    /// The text as strict JSON.
    public let json: JSONDocument
    private let bytes: [UInt8]
    private let anchors: [JSON5Rewriter.Anchor]
    private let lineStarts: [Int]

    /// The outermost value.
    public var root: JSONValue { json.root }

    /// Reads a text.
    ///
    /// - Throws: `Failure`, with the place of the first fault.
    public init(parsing bytes: [UInt8]) throws(Failure) {
        let lineStarts = Self.lineStarts(bytes)
        var anchors: [JSON5Rewriter.Anchor] = []
        let rewritten = bytes.withUnsafeBufferPointer { buffer -> Result<[UInt8], Failure> in
            var rewriter = JSON5Rewriter(buffer)
            do throws(JSON5Rewriter.Fault) {
                try rewriter.rewrite()
            } catch {
                return .failure(Failure(place: Self.place(of: error.offset, in: bytes, lineStarts), message: error.message))
            }
            anchors = rewriter.anchors
            return .success(rewriter.output)
        }
        let strict = try rewritten.get()
        do throws(JSONDocument.Failure) {
            json = try JSONDocument(parsing: strict)
        } catch {
            let offset = JSON5Rewriter.input(of: error.offset, anchors)
            throw Failure(place: Self.place(of: min(offset, bytes.count), in: bytes, lineStarts), message: Self.message(error.reason))
        }
        self.bytes = bytes
        self.anchors = anchors
        self.lineStarts = lineStarts
    }

    /// Where a value of `json` begins.
    public func place(of value: JSONValue) -> Place { Self.place(of: offset(of: value), in: bytes, lineStarts) }

    /// The line in which a value of `json` begins, from 1.
    public func line(of value: JSONValue) -> Int { Self.line(of: offset(of: value), lineStarts) }

    private func offset(of value: JSONValue) -> Int { min(JSON5Rewriter.input(of: value.raw.lowerBound, anchors), bytes.count) }

    private static func message(_ reason: JSONDocument.Failure.Reason) -> String {
        switch reason {
        case .unexpectedByte: "this cannot stand here; is a comma, a colon or a quote missing before it?"
        case .unexpectedEnd: "the text ends too early; is a brace, a bracket or a quote missing?"
        default: reason.rawValue
        }
    }

    private static func place(of offset: Int, in bytes: [UInt8], _ lineStarts: [Int]) -> Place {
        let line = line(of: offset, lineStarts)
        let column = bytes[lineStarts[line - 1]..<offset].count { $0 & 0xC0 != 0x80 }
        return Place(line: line, column: column + 1)
    }

    private static func line(of offset: Int, _ lineStarts: [Int]) -> Int {
        var low = 0
        var high = lineStarts.count
        while low < high {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Lines end with LF, CR or both.
    private static func lineStarts(_ bytes: [UInt8]) -> [Int] {
        var starts = [0]
        for (index, byte) in bytes.enumerated() {
            let isPair = byte == ASCII.carriageReturn && index + 1 < bytes.count && bytes[index + 1] == ASCII.lineFeed
            if byte == ASCII.lineFeed || byte == ASCII.carriageReturn && !isPair { starts.append(index + 1) }
        }
        return starts
    }
}
