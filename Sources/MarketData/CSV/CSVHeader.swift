/// The names of a file's columns, and the search for the line that holds them.
public struct CSVHeader: Sendable, Equatable {
    /// Why a file has no usable header. Lines are counted from 1; texts are cut to 1 KiB.
    public enum Failure: Error, Equatable, Sendable {
        /// Nothing but comments, URLs and empty lines.
        case missing
        /// The first line is data: one of its cells is a number or a timestamp.
        case headerless(line: Int, text: [UInt8])
        /// Two columns have the name of one that is needed, and nothing says which of them is meant.
        case duplicateName(line: Int, name: [UInt8])
        /// Text follows a closing quote.
        case malformed(line: Int, text: [UInt8])
    }

    /// The columns' names in order, without blanks around them. Names may be empty, as the one behind the comma that
    /// ends every line of some files.
    public let names: [[UInt8]]
    /// The line of the header; 0 for names that were declared.
    public let line: Int

    /// A header for a file without one, as the operator declares it.
    public init(names: [[UInt8]]) {
        self.names = names
        line = 0
    }

    private init(names: [[UInt8]], line: Int) {
        self.names = names
        self.line = line
    }

    /// The column with a name, from 0; the empty name is none.
    public func index(of name: [UInt8]) -> Int? {
        name.isEmpty ? nil : names.firstIndex(of: name)
    }

    /// Refuses columns whose name another one has too.
    ///
    /// - Parameter columns: those that are needed, from 0.
    /// - Throws: `Failure.duplicateName`.
    public func checkUnique(_ columns: some Sequence<Int>) throws(Failure) {
        for column in columns where names.indices.contains(where: { $0 != column && names[$0] == names[column] }) {
            throw .duplicateName(line: line, name: names[column])
        }
    }

    /// The header of a file whose columns are declared. Its first line, comments, URLs and empty lines aside, is the header when it says the
    /// same; else it is data, and the reader, which stands on it, has to be started anew at `recordStart`.
    ///
    /// - Returns: the columns; `line` is 0 when the file has no header.
    /// - Throws: `Failure.missing` where there is no line, and what `read` throws.
    public static func read(from reader: CSVReader, declared names: [[UInt8]]) throws -> CSVHeader {
        do {
            while try reader.next() {
                if reader.withRecord({ text in text.withUnsafeBufferPointer { isPreamble($0[...]) } }) { continue }
                let isHeader = !reader.malformed && CSVHeader(names: names).equals(reader)
                return CSVHeader(names: names, line: isHeader ? reader.line : 0)
            }
        } catch is CSVReader.Failure {
            // One bad record, the first or not, is for the reader of records.
            return CSVHeader(names: names)
        }
        throw Failure.missing
    }

    /// Whether the reader's record has the columns' names as its fields, blanks around them aside.
    public func equals(_ reader: CSVReader) -> Bool {
        guard reader.fieldCount == names.count else { return false }
        return names.indices.allSatisfy { index in
            reader.withField(index) { text in
                text.withUnsafeBufferPointer { $0[Blanks.trimmed($0)].elementsEqual(names[index]) }
            }
        }
    }

    /// Reads up to and including the header: comment lines (`#…`), URL lines and empty lines before it are passed over.
    /// A line that starts with a cell of just `#`, the usual name of a rank column, is a header.
    ///
    /// - Throws: `Failure`, and what the reader throws. After `.headerless` the reader stands on that line.
    public static func read(from reader: CSVReader) throws -> CSVHeader {
        while try reader.next() {
            if reader.withRecord({ text in text.withUnsafeBufferPointer { isPreamble($0[...]) } }) { continue }
            guard !reader.malformed else { throw Failure.malformed(line: reader.line, text: firstBytes(reader)) }
            return try header(from: reader)
        }
        throw Failure.missing
    }

    private static func header(from reader: CSVReader) throws(Failure) -> CSVHeader {
        var names: [[UInt8]] = []
        var isData = false
        for index in 0..<reader.fieldCount {
            let name = reader.withField(index) { text in
                isData = isData || looksLikeData(text)
                return text.withUnsafeBufferPointer { Array($0[Blanks.trimmed($0)]) }
            }
            names.append(name)
        }
        guard !isData else { throw .headerless(line: reader.line, text: firstBytes(reader)) }
        return CSVHeader(names: names, line: reader.line)
    }

    /// Whether no column would be called so. `24h` and `1M` are names; `2020-01-01`, `0.5` and `$1,000` are not.
    private static func looksLikeData(_ cell: Span<UInt8>) -> Bool {
        let declared = Timestamp.Format(slashes: .dayFirst)
        let americanDeclared = Timestamp.Format(slashes: .monthFirst)
        if (try? Timestamp.parse(cell, format: declared)) != nil { return true }
        if (try? Timestamp.parse(cell, format: americanDeclared)) != nil { return true }
        let range = TickerText.trimmed(cell)
        guard let last = range.last, !ASCII.isLetter(cell[last]) else { return false }
        var literal: [UInt8] = []
        return [ASCII.period, ASCII.comma].contains { separator in
            (try? DecimalLiteral.appendCanonical(cell: cell, decimalSeparator: separator, to: &literal)) != nil
        }
    }

    /// Whether a line before the header says something about the file instead of naming columns.
    static func isPreamble<Line: Collection<UInt8>>(_ line: Line) -> Bool {
        let start = line.drop { $0 == ASCII.space || $0 == ASCII.tab || $0 == ASCII.quote }
        if start.first == ASCII.hash {
            guard let second = start.dropFirst().first else { return true }
            return second != ASCII.quote && !CSVDialect.candidates.contains(second)
        }
        let lowercased = start.prefix(8).map(ASCII.lowercased)
        return lowercased.starts(with: "http://".utf8) || lowercased.starts(with: "https://".utf8)
    }

    private static func firstBytes(_ reader: CSVReader) -> [UInt8] {
        reader.withRecord { text in text.withUnsafeBufferPointer { Array($0.prefix(1_024)) } }
    }
}

extension CSVHeader.Failure: CustomStringConvertible {
    /// What is wrong and what to declare.
    public var description: String {
        switch self {
        case .missing:
            return "the file has no header line"
        case .headerless(let line, let text):
            return "line \(line) is data, not a header; declare `columns` for this source. It says: "
                + Self.shown(text)
        case .duplicateName(let line, let name):
            return "line \(line) has two columns of one name; declare `columns` for this source. The name is: "
                + Self.shown(name)
        case .malformed(let line, let text):
            return "line \(line) has text behind a closing quote: " + Self.shown(text)
        }
    }

    /// The first characters of a stranger's text.
    private static func shown(_ text: [UInt8]) -> String {
        let start = String(decoding: text.prefix(200), as: UTF8.self)
        return text.count > 200 ? start + "…" : start
    }
}
