/// The RFC 4180 grammar as a state machine over bytes that arrive in pieces: finds where one record ends and where its
/// fields are. It does no I/O and copies nothing.
///
/// All positions count from the start of the record, so the buffer around it may move between two calls of `scan`.
struct CSVScanner {
    /// Where a field's text is, quotes left out.
    struct Field {
        // Records are at most 1 GiB, so the highest bit of the end is free.
        private let startBits: UInt32
        private let endBits: UInt32

        @inline(__always)
        init(_ start: Int, _ end: Int, hasDoubledQuotes: Bool = false) {
            startBits = UInt32(truncatingIfNeeded: start)
            endBits = UInt32(truncatingIfNeeded: end) | (hasDoubledQuotes ? 0x8000_0000 : 0)
        }

        var start: Int { Int(startBits) }
        var end: Int { Int(endBits & 0x7FFF_FFFF) }
        /// The text holds doubled quotes, which each mean one.
        var hasDoubledQuotes: Bool { endBits & 0x8000_0000 != 0 }
    }

    enum Outcome: Equatable {
        /// All bytes were looked at and the record is not over.
        case needsMore
        /// The record is over: `contentEnd` and `recordEnd` are set.
        case record
        /// The input ended inside a quoted field.
        case unterminatedQuote
    }

    private enum State {
        case fieldStart, unquoted, quoted
        /// Behind a quote inside a quoted field: the field's end, or the first half of a doubled quote.
        case quoteInQuoted
        /// Behind the CR of a line end that may still have an LF.
        case carriageReturn
    }

    let separator: UInt8
    private(set) var fields: [Field] = []
    /// Whether a closing quote was followed by text.
    private(set) var isMalformed = false
    /// The end of the record's text.
    private(set) var contentEnd = 0
    /// The end of its line end; equal to `contentEnd` when the input ends without one.
    private(set) var recordEnd = 0
    /// Line ends inside quoted fields.
    private(set) var innerLineEnds = 0

    private var state = State.fieldStart
    private var position = 0
    private var fieldStart = 0
    private var hasDoubledQuotes = false
    /// Where a quoted field's closing quote may be.
    private var quotedEnd = 0

    init(separator: UInt8) { self.separator = separator }

    /// Forgets the last record.
    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        isMalformed = false
        contentEnd = 0
        recordEnd = 0
        innerLineEnds = 0
        state = .fieldStart
        position = 0
        fieldStart = 0
        hasDoubledQuotes = false
    }

    /// Goes on from where the last call ran out of bytes.
    ///
    /// - Parameters:
    ///   - bytes: the input from the start of the record as far as it is there; at least as much as in the last call.
    ///   - atEnd: whether no more bytes follow.
    mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> Outcome {
        while position < bytes.count {
            switch state {
            case .fieldStart:
                fieldStart = position
                hasDoubledQuotes = false
                if bytes[position] == ASCII.quote {
                    position += 1
                    state = .quoted
                } else {
                    state = .unquoted
                }
            case .unquoted:
                if scanUnquoted(bytes) { return .record }
            case .quoted:
                scanQuoted(bytes)
            case .quoteInQuoted:
                afterQuote(bytes[position])
            case .carriageReturn:
                if bytes[position] == ASCII.lineFeed { position += 1 }
                recordEnd = position
                return .record
            }
        }
        return atEnd ? finish() : .needsMore
    }

    /// Runs over unquoted fields to the end of the record or of the bytes.
    ///
    /// - Returns: whether the record is over.
    private mutating func scanUnquoted(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        // Local copies: the compiler keeps them in registers, which it cannot do with the fields of self.
        let separator = separator
        var start = fieldStart
        var index = position
        while true {
            index = Self.delimiter(bytes, separator, from: index)
            guard index < bytes.count else {
                fieldStart = start
                position = index
                return false
            }
            fields.append(Field(start, index))
            if bytes[index] != separator { break }
            index &+= 1
            start = index
            if index >= bytes.count || bytes[index] == ASCII.quote {
                position = index
                state = .fieldStart
                return false
            }
        }
        return endRecord(bytes, at: index)
    }

    /// Notes the line end at `index`; a CR at the end of the bytes has to wait for the next ones.
    private mutating func endRecord(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        contentEnd = index
        position = index + 1
        if bytes[index] == ASCII.carriageReturn {
            guard position < bytes.count else {
                state = .carriageReturn
                return false
            }
            if bytes[position] == ASCII.lineFeed { position += 1 }
        }
        recordEnd = position
        return true
    }

    private mutating func scanQuoted(_ bytes: UnsafeBufferPointer<UInt8>) {
        let (index, lineEnds) = Self.quote(bytes, from: position)
        innerLineEnds += lineEnds
        position = index
        guard index < bytes.count else { return }
        quotedEnd = index
        position = index + 1
        state = .quoteInQuoted
    }

    private mutating func afterQuote(_ byte: UInt8) {
        if byte == ASCII.quote {
            hasDoubledQuotes = true
            position += 1
            state = .quoted
        } else if byte == separator {
            addQuotedField()
            position += 1
            state = .fieldStart
        } else if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
            addQuotedField()
            contentEnd = position
            // An LF is a line end of its own; the common state takes the one behind a CR.
            state = .carriageReturn
            if byte == ASCII.carriageReturn { position += 1 }
        } else {
            // The raw text from the opening quote on is all that can be said about this field.
            isMalformed = true
            state = .unquoted
        }
    }

    private mutating func addQuotedField() {
        fields.append(Field(fieldStart + 1, quotedEnd, hasDoubledQuotes: hasDoubledQuotes))
    }

    /// The record that the end of the input ends.
    private mutating func finish() -> Outcome {
        switch state {
        case .quoted:
            return .unterminatedQuote
        case .carriageReturn:
            recordEnd = position
            return .record
        case .quoteInQuoted:
            addQuotedField()
        case .fieldStart:
            fieldStart = position
            fallthrough
        case .unquoted:
            fields.append(Field(fieldStart, position))
        }
        contentEnd = position
        recordEnd = position
        return .record
    }

    // MARK: Searching

    /// The index of the first separator, LF or CR from `start`, or the end of the bytes.
    @inline(__always)
    private static func delimiter(_ bytes: UnsafeBufferPointer<UInt8>, _ separator: UInt8, from start: Int) -> Int {
        let separators = WordScan.spread(separator)
        let lineFeeds = WordScan.spread(ASCII.lineFeed)
        let carriageReturns = WordScan.spread(ASCII.carriageReturn)
        var index = start
        while index &+ 8 <= bytes.count {
            let word = WordScan.load(bytes, at: index)
            let found =
                WordScan.matches(word, separators) | WordScan.matches(word, lineFeeds)
                | WordScan.matches(word, carriageReturns)
            if found != 0 { return index &+ WordScan.first(found) }
            index &+= 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == separator || byte == ASCII.lineFeed || byte == ASCII.carriageReturn { break }
            index &+= 1
        }
        return index
    }

    /// The index of the first quote from `start`, or the end of the bytes, and the line ends before it: every CR, and
    /// every LF that is not the second half of a CRLF. An opening quote stands before `start`.
    private static func quote(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> (index: Int, lineEnds: Int) {
        let quotes = WordScan.spread(ASCII.quote)
        let lineFeeds = WordScan.spread(ASCII.lineFeed)
        let carriageReturns = WordScan.spread(ASCII.carriageReturn)
        var index = start
        var lineEnds = 0
        while index < bytes.count {
            if index &+ 8 <= bytes.count {
                let word = WordScan.load(bytes, at: index)
                let found =
                    WordScan.matches(word, quotes) | WordScan.matches(word, lineFeeds)
                    | WordScan.matches(word, carriageReturns)
                if found == 0 {
                    index &+= 8
                    continue
                }
                index &+= WordScan.first(found)
            }
            switch bytes[index] {
            case ASCII.quote: return (index, lineEnds)
            case ASCII.carriageReturn: lineEnds += 1
            case ASCII.lineFeed: lineEnds += bytes[index - 1] == ASCII.carriageReturn ? 0 : 1
            default: break
            }
            index &+= 1
        }
        return (index, lineEnds)
    }
}
