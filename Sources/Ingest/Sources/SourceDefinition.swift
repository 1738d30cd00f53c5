import MarketData
import Transfer

/// One place that data come from (spec section 2): data, not code. The configuration file and the built-in sources make them.
package struct SourceDefinition: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case http(HTTPSource)
        case csv(CSVSource)
        case feed(FeedSource)
    }

    package var name: String
    package var kind: Kind
    /// How often it is loaded, in milliseconds; nil: as often as all sources are.
    package var intervalMilliseconds: Int64?
    package var schemaMode: SchemaMode

    /// Whether fields that are not declared may be inferred (spec section 4).
    package enum SchemaMode: String, Sendable, CaseIterable {
        case infer, freeze
    }

    package init(name: String, kind: Kind, intervalMilliseconds: Int64? = nil, schemaMode: SchemaMode = .infer) {
        self.name = name
        self.kind = kind
        self.intervalMilliseconds = intervalMilliseconds
        self.schemaMode = schemaMode
    }

    package var kindName: String {
        switch kind {
        case .http: "http"
        case .csv: "csv"
        case .feed: "feed"
        }
    }

    /// The server that it asks; nil for files.
    package var upstream: Upstream? {
        switch kind {
        case .http(let source): source.upstream
        case .csv: nil
        case .feed(let source): source.upstream
        }
    }
}

/// A JSON API that answers a GET with records.
package struct HTTPSource: Sendable, Equatable {
    /// Where the records are in an answer, and what they look like.
    package enum Form: String, Sendable, CaseIterable {
        /// The elements of an array.
        case array
        /// The members of an object; `/` and the empty name is the member's own name, `/…` its value's members.
        case map
        /// One object, which is the one record.
        case object
    }

    package var upstream: Upstream
    package var pagination: Pagination
    /// Pages asked for in one run, at most.
    package var maximumPages: Int
    /// False: nobody said how many, so that it is an error when there are more.
    package var isPageLimitDeclared: Bool
    /// What `{limit}` stands for: records of a page.
    package var pageLimit: Int?
    /// JSON pointer (RFC 6901) to the records; empty for the whole answer.
    package var records: String
    package var form: Form
    /// JSON pointers into a record.
    package var fields: [TickerField: String]
    package var format: RecordFormat
    /// Whether a first page without records is a success.
    package var allowsEmpty: Bool

    package init(
        upstream: Upstream,
        pagination: Pagination = .none,
        maximumPages: Int = 1,
        isPageLimitDeclared: Bool = true,
        pageLimit: Int? = nil,
        records: String = "",
        form: Form = .array,
        fields: [TickerField: String],
        format: RecordFormat = RecordFormat(),
        allowsEmpty: Bool = false
    ) {
        self.upstream = upstream
        self.pagination = pagination
        self.maximumPages = maximumPages
        self.isPageLimitDeclared = isPageLimitDeclared
        self.pageLimit = pageLimit
        self.records = records
        self.form = form
        self.fields = fields
        self.format = format
        self.allowsEmpty = allowsEmpty
    }
}

/// How an API is asked for what does not fit one answer.
package enum Pagination: Sendable, Equatable {
    case none
    /// `{page}` counts up from here until a page has no records.
    case page(first: Int)
    /// `{offset}` counts up by the number of records that came until a page has none, or fewer than the one before.
    case offset
    /// `{cursor}` is what stands at this JSON pointer in the page before; absent, null or empty at the end.
    case cursor(pointer: String)
    /// `Link: <…>; rel="next"` (RFC 8288), on the first page's origin only.
    case linkHeader
    /// The URL at this JSON pointer, on the first page's origin only; absent, null or empty at the end.
    case nextURL(pointer: String)
}

/// The files of the inbox, or those of them with certain names.
package struct CSVSource: Sendable, Equatable {
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

/// An XML feed: RSS 2.0, RSS 1.0, Atom, or any document whose records are elements.
package struct FeedSource: Sendable, Equatable {
    package var upstream: Upstream
    /// The path of element names from the root to a record, such as `feed/entry`; nil: the items of an RSS or Atom feed.
    package var records: String?
    /// Element and attribute paths from the record, such as `title`, `content/m:properties/d:PRICE`, `link@href`, `@rate`, `../@time`.
    package var fields: [TickerField: String]
    package var format: RecordFormat
    package var allowsEmpty: Bool

    package init(
        upstream: Upstream,
        records: String? = nil,
        fields: [TickerField: String],
        format: RecordFormat = RecordFormat(),
        allowsEmpty: Bool = false
    ) {
        self.upstream = upstream
        self.records = records
        self.fields = fields
        self.format = format
        self.allowsEmpty = allowsEmpty
    }
}
