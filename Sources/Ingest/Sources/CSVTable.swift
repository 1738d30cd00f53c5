import MarketData

/// A file that is being read: its header, what its columns give, and the record the reader stands on.
struct CSVTable {
    let path: String
    /// Another one after a resume.
    var reader: CSVReader
    let mapping: ColumnMapping
    private let columnCount: Int
    /// Column and field, for a walk without a dictionary.
    private let fields: [(column: Int, field: TickerField)]
    /// `"name":` of each column that has a name, escaped; the first has no comma before it.
    private let rawKeys: [(column: Int, key: [UInt8])]
    /// Names end with a separator in some files, and so do their lines.
    private let hasTrailingSeparator: Bool

    init(path: String, reader: CSVReader, header: CSVHeader, mapping: ColumnMapping) {
        self.path = path
        self.reader = reader
        self.mapping = mapping
        columnCount = header.names.count
        hasTrailingSeparator = header.names.last?.isEmpty == true
        fields = TickerField.allCases.compactMap { field in mapping.columns[field].map { ($0, field) } }
        var keys: [(column: Int, key: [UInt8])] = []
        for (column, name) in header.names.enumerated() where !name.isEmpty {
            var key: [UInt8] = keys.isEmpty ? [] : [UInt8(ascii: ",")]
            // The row's source is ours; what the file calls its source is where the value came from (spec section 2).
            let isOrigin = name == Array("source".utf8) && header.index(of: Array("origin".utf8)) == nil
            let shown = isOrigin ? Array("origin".utf8) : name
            JSONText.appendEscaped(shown.span, to: &key)
            key.append(UInt8(ascii: ":"))
            keys.append((column, key))
        }
        rawKeys = keys
    }

    /// Whether the record has the header's number of fields and no text behind a quote.
    var isRegular: Bool {
        !reader.malformed && (reader.fieldCount == columnCount || hasTrailingSeparator && reader.fieldCount == columnCount - 1)
    }

    /// Puts the record's fields into a draft.
    func fill(_ draft: inout RowDraft) {
        draft.begin()
        for (column, field) in fields { reader.withField(column) { draft.set(field, text: $0) } }
    }

    /// The record as a JSON object of its fields' text.
    func appendRaw(to out: inout [UInt8]) {
        out.append(UInt8(ascii: "{"))
        for (column, key) in rawKeys where column < reader.fieldCount {
            out.append(contentsOf: key)
            reader.withField(column) { JSONText.appendEscaped($0, to: &out) }
        }
        out.append(UInt8(ascii: "}"))
    }
}
