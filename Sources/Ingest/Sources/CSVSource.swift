/// The files of the inbox, or those of them with certain names.
package struct CSVSource: Sendable, Equatable {
    /// How the bytes of a file become text.
    package enum Encoding: String, Sendable, CaseIterable {
        case utf8 = "utf-8"
        case latin1 = "latin-1"
        case windows1252 = "windows-1252"
    }

    /// The directory; not walked recursively.
    package var inbox: String
    package var extraFiles: [String]
    /// File names that it takes, with `*` and `?`; nil: every `*.csv` and `*.csv.gz`.
    package var pattern: String?
    /// Patterns of other sources, whose files it leaves to them.
    package var excludedPatterns: [String]
    /// nil: found out.
    package var separator: UInt8?
    package var encoding: Encoding
    /// The columns of files that have no header line.
    package var columns: [String]?
    /// A regular expression over the file's name whose first group, or whole match, is the symbol of all its rows.
    package var symbolPattern: String?
    /// Columns with names of their own.
    package var declared: [String: TickerField]
    package var format: RecordFormat

    package init(
        inbox: String,
        extraFiles: [String] = [],
        pattern: String? = nil,
        excludedPatterns: [String] = [],
        separator: UInt8? = nil,
        encoding: Encoding = .utf8,
        columns: [String]? = nil,
        symbolPattern: String? = nil,
        declared: [String: TickerField] = [:],
        format: RecordFormat = RecordFormat()
    ) {
        self.inbox = inbox
        self.extraFiles = extraFiles
        self.pattern = pattern
        self.excludedPatterns = excludedPatterns
        self.separator = separator
        self.encoding = encoding
        self.columns = columns
        self.symbolPattern = symbolPattern
        self.declared = declared
        self.format = format
    }
}
