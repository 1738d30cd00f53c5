import MarketData
import TickerStore

/// A file that is being read: its header, what its columns give, and the record the reader stands on.
struct CSVTable {
    let file: CSVFile
    /// Another one after a resume.
    var reader: CSVReader
    let mapping: ColumnMapping
    private let header: CSVHeader
    private let columnCount: Int
    /// The names of the columns as a line of the file, for records that are to be read alone; empty when it is too long for that.
    let headerLine: [UInt8]
    /// For a walk without a dictionary: the fields, and the column of each; behind them those of currencies.
    private let fields: [TickerField]
    private let columns: [Int]
    /// The columns that have a name. A record that is short has all of them.
    private let members: CSVMembers
    /// Names end with a separator in some files, and so do their lines.
    private let hasTrailingSeparator: Bool

    init(file: CSVFile, reader: CSVReader, header: CSVHeader, mapping: ColumnMapping) {
        self.file = file
        self.header = header
        self.reader = reader
        self.mapping = mapping
        columnCount = header.names.count
        headerLine = header.line(separator: reader.separator ?? UInt8(ascii: ","), atMost: QuarantinedRecord.longestHeader)
        hasTrailingSeparator = header.names.last?.isEmpty == true
        fields = TickerField.allCases.filter { mapping.columns[$0] != nil }
        columns = fields.compactMap { mapping.columns[$0] } + mapping.currencies.map(\.column)
        var members = CSVMembers()
        var used: Set<[UInt8]> = Set(header.names)
        /// The number that the next column of a name would get.
        var next: [[UInt8]: Int] = [:]
        for (column, name) in header.names.enumerated() where !name.isEmpty {
            // The row's source is ours; what the file calls its source is where the value came from (spec section 2).
            let isOrigin = name == Array("source".utf8) && header.index(of: Array("origin".utf8)) == nil
            var shown = isOrigin ? Array("origin".utf8) : name
            // The first of two columns of one name keeps it; the next ones get a number, so that no cell hides another.
            if var number = next[name] {
                while !used.insert(shown + Array(".\(number)".utf8)).inserted { number += 1 }
                shown += Array(".\(number)".utf8)
                next[name] = number + 1
            } else {
                next[name] = 2
            }
            members.append(shown, column: column)
        }
        self.members = members
    }

    /// Reads on from another place.
    ///
    /// - Parameters:
    ///   - isCancelled: ends the way there; `read` then says so.
    ///   - read: gives what follows.
    mutating func goOn(
        _ text: InboxFile,
        at offset: Int,
        line: Int,
        isCancelled: () -> Bool,
        _ read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws {
        try text.seek(to: offset, isCancelled: isCancelled)
        reader = CSVReader(separator: reader.separator, startOffset: offset, startLine: line, read: read)
    }

    /// Whether the record has the header's number of fields and no text behind a quote.
    var isRegular: Bool {
        !reader.malformed && (reader.fieldCount == columnCount || hasTrailingSeparator && reader.fieldCount == columnCount - 1)
    }

    /// Whether the record's timestamp is the last thing in it.
    var endsWithTimestamp: Bool { mapping.columns[.timestamp] == reader.fieldCount - 1 }

    /// Whether the record ends with a date and not with a time, as a time does that is not whole yet.
    var endsWithDate: Bool {
        reader.withField(reader.fieldCount - 1) { text in
            var hasDateSign = false
            for index in text.indices {
                if text[index] == UInt8(ascii: ":") { return false }
                if text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "/") { hasDateSign = true }
            }
            return hasDateSign
        }
    }

    /// Whether the record says what the header says, as where files were joined end to end.
    var repeatsHeader: Bool { header.equals(reader) }

    /// Puts the record's fields into a draft.
    func fill(_ draft: inout RowDraft) {
        draft.begin()
        reader.withFields(columns) { place, text in
            if place < fields.count {
                draft.set(fields[place], text: text)
            } else {
                draft.check(mapping.currencies[place - fields.count].field, text)
            }
        }
    }

    /// The record, which must be regular, as a JSON object of its fields' text.
    func appendRaw(to out: inout [UInt8]) {
        reader.appendObject(members, to: &out)
    }
}
