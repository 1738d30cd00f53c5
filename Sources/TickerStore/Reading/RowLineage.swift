package import MarketData

/// Which run a row came with.
package struct RowOrigin: Sendable, Equatable {
    package var runID: String
    /// The number of the batch in that run.
    package var batch: Int
    package var fetchedAt: Timestamp
}

/// Where a row came from.
package struct RowLineage: Sendable, Equatable {
    package var series: SeriesKey
    package var timestamp: Timestamp
    /// As the row's raw record has it; nil when that is not kept any more.
    package var origin: RowOrigin?
}
