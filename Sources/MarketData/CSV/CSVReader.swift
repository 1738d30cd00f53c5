/// Reads delimited text (RFC 4180 and what programs make of it) one record at a time, in constant memory.
///
/// * Fields are separated by one byte; quoted fields may hold separators, line ends and doubled quotes.
/// * Records end at LF, CRLF or CR; lines without a byte in them are skipped; the last record needs no line end.
/// * A byte order mark at the very start is skipped. All other bytes, NUL among them, are data.
/// * A quote inside a field that does not start with one is data.
///
/// One bad record does not end the file: text behind a closing quote makes a record `malformed`, and after a `Failure`
/// `skipToNextLine` goes on behind the line where the record began.
///
/// A reader belongs to one task at a time. What `withField` and `withRecord` lend ends with their closures.
public final class CSVReader {
    /// A record that cannot be read as one.
    public enum Failure: Error, Equatable, Sendable {
        /// The record that starts here is longer than the reader allows; most often a quote was never closed.
        case recordTooLong(line: Int, offset: Int, limit: Int)
        /// The input ended inside a quoted field of the record that starts here.
        case unterminatedQuote(line: Int, offset: Int)
    }

    // All state is in one value, so that a call pays for the exclusivity check of a class property once.
    private var records: CSVRecords

    /// - Parameters:
    ///   - separator: the byte between fields; nil to sniff it (see `CSVDialect`).
    ///   - maximumRecordBytes: the longest record, without its line end; memory stays within about twice of it.
    ///   - startOffset: where in the whole input `read` starts, to resume at a former `recordEnd`. Only at 0 is there
    ///     a byte order mark.
    ///   - startLine: the number of the first line, to resume with.
    ///   - read: fills the buffer it is given and returns how many bytes it wrote, 0 at the end of the input.
    public init(
        separator: UInt8? = nil,
        maximumRecordBytes: Int = 1 << 20,
        startOffset: Int = 0,
        startLine: Int = 1,
        read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) {
        precondition(
            separator != ASCII.quote && separator != ASCII.lineFeed && separator != ASCII.carriageReturn,
            "a separator cannot be a quote or a line end"
        )
        precondition((1...1 << 30).contains(maximumRecordBytes), "a record may have between 1 byte and 1 GiB")
        records = CSVRecords(
            separator: separator,
            limit: maximumRecordBytes,
            offset: startOffset,
            line: startLine,
            input: CSVInput(recordLimit: maximumRecordBytes, read: read)
        )
    }

    /// Advances to the next record.
    ///
    /// - Returns: false at the end of the input; `recordStart` and `recordEnd` are then its length.
    /// - Throws: `Failure`, or what `read` throws; the same place is tried again by the next call.
    public func next() throws -> Bool { try records.next() }

    /// Takes one physical line, quotes or not, so that reading goes on behind it: after a `Failure` the line where the
    /// bad record began, else the line after the current record.
    ///
    /// The line then stands in for a record, `malformed` and without fields, and `withRecord` lends its text for
    /// quarantine, cut at `maximumRecordBytes`; a longer line is passed over in constant memory.
    ///
    /// - Returns: false when there was no byte left.
    /// - Throws: what `read` throws.
    @discardableResult
    public func skipToNextLine() throws -> Bool { try records.skipToNextLine() }

    // MARK: The record

    /// How many fields the record has.
    public var fieldCount: Int { records.fieldCount }

    /// Lends the text of a field, its quotes removed and doubled quotes undone.
    ///
    /// - Parameters:
    ///   - index: the field, from 0, below `fieldCount`.
    ///   - body: what to do with the text; it must not keep it.
    @inlinable
    public func withField<R, E: Error>(_ index: Int, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let (bytes, range) = fieldText(index)
        return try body(bytes.span.extracting(range))
    }

    /// Lends the record's bytes as they are in the input, without the line end.
    @inlinable
    public func withRecord<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let (bytes, range) = recordText
        return try body(bytes.span.extracting(range))
    }

    /// Lends the texts of several fields, one after the other; quicker than one call for each.
    ///
    /// - Parameters:
    ///   - columns: the fields, from 0, each below `fieldCount`.
    ///   - body: what to do with each text, and its place in `columns`. It must neither keep the text nor call the reader, which would stop the program.
    public func withFields(_ columns: [Int], _ body: (_ place: Int, _ text: Span<UInt8>) -> Void) {
        records.withFields(columns, body)
    }

    /// Appends the record as a JSON object of its fields' texts.
    ///
    /// - Parameters:
    ///   - members: which fields, each below `fieldCount`, and under which names.
    ///   - out: where the object is appended.
    public func appendObject(_ members: CSVMembers, to out: inout [UInt8]) { records.appendObject(members, to: &out) }

    /// An array and where in it a field's text is. It is a second reference to a buffer of the reader: a closure that
    /// moves the reader on while it holds a text makes the reader copy, and nothing is overwritten.
    @usableFromInline
    func fieldText(_ index: Int) -> (bytes: [UInt8], range: Range<Int>) { records.fieldText(index) }

    @usableFromInline
    var recordText: (bytes: [UInt8], range: Range<Int>) { records.recordText }

    /// The line where the record starts, from 1.
    public var line: Int { records.line }
    /// The record's first byte, counted in the whole input.
    public var recordStart: Int { records.start }
    /// The byte after the record and its line end, counted in the whole input; reading may resume here.
    public var recordEnd: Int { records.end }
    /// The number of the line that begins at `recordEnd`; reading may resume with it.
    public var nextLine: Int { records.line + records.lineEnds }
    /// Whether the record has a line end; a last line without one may still be being written.
    public var terminated: Bool { records.terminated }
    /// Whether a closing quote is followed by text. The field in question is the raw text from its opening quote on.
    public var malformed: Bool { records.malformed }
    /// The longest record, in bytes without its line end.
    public var maximumRecordBytes: Int { records.limit }
    /// The separator in use; nil until the first call of `next` when it is to be sniffed.
    public var separator: UInt8? { records.separator }
}

extension CSVReader.Failure: CustomStringConvertible {
    /// What is wrong, where, and what to look for.
    public var description: String {
        switch self {
        case .recordTooLong(let line, let offset, let limit):
            "line \(line) (byte \(offset)): the record has more than \(limit) bytes; "
                + "look for a quote that is never closed"
        case .unterminatedQuote(let line, let offset):
            "line \(line) (byte \(offset)): a quoted field is not closed before the end of the file"
        }
    }
}
