/// The state behind `CSVReader`: the input, the grammar, and where the current record is.
struct CSVRecords {
    let limit: Int
    private(set) var separator: UInt8?
    var line: Int
    /// The record's first byte and the byte after its line end, counted in the whole input.
    var start: Int
    var end: Int
    var terminated = false
    var malformed = false

    var input: CSVInput
    private(set) var scanner = CSVScanner(separator: ASCII.comma)
    /// The record's text in the input's buffer, from its start.
    var contentLength = 0
    /// The bytes that the record and its line end take in the buffer.
    var consumed = 0
    /// Line ends in and behind the record.
    var lineEnds = 0
    private var isPrepared = false
    private var scratch: [UInt8] = []

    init(separator: UInt8?, limit: Int, offset: Int, line: Int, input: CSVInput) {
        self.separator = separator
        self.limit = limit
        self.line = line
        self.input = input
        start = offset
        end = offset
    }

    mutating func next() throws -> Bool {
        try prepare()
        leaveRecord()
        while true {
            switch scan() {
            case .needsMore:
                // One byte more than the limit may be a CR that already belongs to the line end.
                guard input.available <= limit + 1 else { throw tooLong }
                try input.refill()
            case .unterminatedQuote:
                guard input.available <= limit else { throw tooLong }
                throw CSVReader.Failure.unterminatedQuote(line: line, offset: start)
            case .record:
                guard scanner.contentEnd <= limit else { throw tooLong }
                takeRecord()
                if contentLength > 0 { return true }
                // No byte and no line end: this is the end of the input, not an empty line.
                if consumed == 0 { return false }
                leaveRecord()
            }
        }
    }

    var fieldCount: Int { scanner.fields.count }

    mutating func fieldText(_ index: Int) -> (bytes: [UInt8], range: Range<Int>) {
        let field = scanner.fields[index]
        let start = input.begin + field.start
        let end = input.begin + field.end
        guard field.hasDoubledQuotes else { return (input.buffer, start..<end) }
        scratch.removeAll(keepingCapacity: true)
        var index = start
        while index < end {
            scratch.append(input.buffer[index])
            index += input.buffer[index] == ASCII.quote ? 2 : 1
        }
        return (scratch, 0..<scratch.count)
    }

    var recordText: (bytes: [UInt8], range: Range<Int>) {
        (input.buffer, input.begin..<input.begin + contentLength)
    }

    // MARK: Steps

    private var tooLong: CSVReader.Failure { .recordTooLong(line: line, offset: start, limit: limit) }

    /// Skips the byte order mark and settles the separator, before the first record.
    mutating func prepare() throws {
        guard !isPrepared else { return }
        try input.fill(to: separator == nil ? CSVDialect.sampleBytes : 3)
        if start == 0, input.startsWithByteOrderMark {
            input.begin += 3
            start = 3
            end = 3
        }
        let settled = separator ?? CSVDialect.sniffed(from: input.sample(CSVDialect.sampleBytes)).separator
        separator = settled
        scanner = CSVScanner(separator: settled)
        isPrepared = true
    }

    /// Moves behind the current record; nothing when the last call failed.
    mutating func leaveRecord() {
        input.begin += consumed
        start = end
        line += lineEnds
        consumed = 0
        contentLength = 0
        lineEnds = 0
        terminated = false
        malformed = false
        scanner.reset()
    }

    private mutating func scan() -> CSVScanner.Outcome {
        input.buffer.withUnsafeBufferPointer { buffer in
            scanner.scan(UnsafeBufferPointer(rebasing: buffer[input.begin..<input.end]), atEnd: input.isAtEnd)
        }
    }

    private mutating func takeRecord() {
        contentLength = scanner.contentEnd
        consumed = scanner.recordEnd
        end = start + consumed
        terminated = consumed > contentLength
        lineEnds = scanner.innerLineEnds + (terminated ? 1 : 0)
        malformed = scanner.isMalformed
    }
}
