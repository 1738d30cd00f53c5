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
