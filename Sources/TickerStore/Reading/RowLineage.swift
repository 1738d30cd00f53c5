package import MarketData

/// Which run a row came with.
package struct RowOrigin: Sendable, Equatable {
    package var runID: String
    /// The number of the batch in that run.
    package var batch: Int
    package var fetchedAt: Timestamp
    /// Of the log record that it came in; nil: an older version has sealed it.
    package var lsn: UInt64?
}

/// Where a row came from.
package struct RowLineage: Sendable, Equatable {
    package var series: SeriesKey
    package var timestamp: Timestamp
    /// As the row's raw record has it; nil when that is not kept any more.
    package var origin: RowOrigin?
}
