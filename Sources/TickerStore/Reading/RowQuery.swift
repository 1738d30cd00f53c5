package import MarketData

/// A place in the total order of rows: by timestamp, then symbol, source and source id by their bytes (spec section 9).
package struct RowPosition: Hashable, Sendable {
    package var timestamp: Timestamp
    package var series: SeriesKey

    package init(timestamp: Timestamp, series: SeriesKey) {
        self.timestamp = timestamp
        self.series = series
    }
}

package enum SortDirection: Sendable {
    case ascending
    case descending

    package var reversed: SortDirection { self == .ascending ? .descending : .ascending }
}

/// Which rows to read, in timestamp order. Empty lists mean any.
package struct RowQuery: Sendable {
    package var symbols: [[UInt8]] = []
    package var sources: [[UInt8]] = []
    package var sourceIDs: [[UInt8]] = []
    /// Inclusive.
    package var from: Timestamp?
    /// Exclusive.
    package var to: Timestamp?
    package var direction = SortDirection.descending
    /// Only rows strictly behind this place, in `direction`. It need not exist (any more).
    package var after: RowPosition?
    /// Rows to leave out first.
    package var skip = 0
    package var limit = 50

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

    package var rowCount: Int { ends.count }
}
