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
