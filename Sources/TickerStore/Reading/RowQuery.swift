package import MarketData

/// A place in a total order of rows (`RowOrder`).
package struct RowPosition: Hashable, Sendable {
    package var timestamp: Timestamp
    package var series: SeriesKey
    /// In the order of a number its literal, as in the row's line, or empty for null; empty in other orders.
    package var literal: [UInt8]

    package init(timestamp: Timestamp, series: SeriesKey, literal: [UInt8] = []) {
        self.timestamp = timestamp
        self.series = series
        self.literal = literal
    }
}

/// Whether small values come first or last.
package enum SortDirection: Sendable {
    case ascending
    case descending

    package var reversed: SortDirection { self == .ascending ? .descending : .ascending }
}

/// Which rows to read, and in which order. Empty lists mean any.
package struct RowQuery: Sendable {
    package var symbols: [[UInt8]] = []
    package var sources: [[UInt8]] = []
    package var sourceIDs: [[UInt8]] = []
    /// Inclusive.
    package var from: Timestamp?
    /// Exclusive.
    package var to: Timestamp?
    package var order = RowOrder.timestamp
    package var direction = SortDirection.descending
    /// In the order of a number, whether rows without it come first. Read so by who goes back through a list, where they are last.
    package var hasNullsFirst = false
    /// Only rows strictly behind this place, in `order` and `direction`. It need not exist (any more).
    package var after: RowPosition?
    /// Rows to leave out first.
    package var skip = 0
    package var limit = 50
    /// Whether `RowPage.lineage` is filled.
    package var wantsLineage = false

    package init() {}
}

/// The rows of a page, as stored.
package struct RowPage: Sendable {
    /// The JSON lines, one behind the other, without newlines.
    package var bytes: [UInt8] = []
    /// Where each line ends in `bytes`.
    package var ends: [Int] = []
    package var first: RowPosition?
    package var last: RowPosition?
    /// Whether rows follow in the query's direction.
    package var hasMore = false
    /// Of each row, when it was asked for.
    package var lineage: [RowLineage] = []

    package var rowCount: Int { ends.count }
}
