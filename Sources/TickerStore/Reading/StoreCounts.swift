/// How much the store holds.
package struct StoreCounts: Sendable {
    /// Live rows.
    package var rows = 0
    package var rawRecords = 0
    /// Those that wait.
    package var quarantined = 0
    /// Live rows of each source, by name.
    package var rowsBySource: [(source: String, rows: Int)] = []

    mutating func add(rows: Int, source: [UInt8]) {
        self.rows += rows
        let name = String(decoding: source, as: UTF8.self)
        let place = rowsBySource.firstIndex { $0.source >= name } ?? rowsBySource.count
        if place == rowsBySource.count || rowsBySource[place].source != name { rowsBySource.insert((name, 0), at: place) }
        rowsBySource[place].rows += rows
    }

    /// Counts lines of a family beside the rows.
    mutating func add(_ lines: Int, of family: Family) {
        if family == .raw { rawRecords += lines }
        if family == .quarantine { quarantined += lines }
    }
}

/// Figures about the store's files and memory.
package struct StoreStatistics: Sendable {
    /// Sealed segments of all families.
    package var segments = 0
    package var segmentBytes = 0
    /// Lines of the segments of rows, superseded ones included.
    package var sealedRows = 0
    /// Rows in segments that newer ones have replaced; compaction drops them.
    package var supersededRows = 0
    package var walFiles = 0
    /// Bytes of the log files, reserved space included.
    package var walBytes = 0
    /// Bytes of all data files.
    package var bytes = 0
    /// Row groups that are not sealed yet.
    package var memoryGroups = 0
    package var series = 0
    package var lastLSN: UInt64 = 0
    /// Of the last record of the last batch with rows, which is what `CommittedRows.sequence` was; no less than that where it is not known.
    package var lastRowsLSN: UInt64 = 0
    package var durableLSN: UInt64 = 0
    /// Bytes free on the disk when it was last asked.
    package var freeBytes = 0
    /// Bytes that must stay free on it; with less the store is read-only.
    package var minimumFree = 0
    /// Why sealing or merging failed the last time; nil in health.
    package var maintenanceFailure: String?
    /// Seals, mergers and expiries since the store was opened.
    package var jobsDone = 0
    /// Dead lines that mergers and expiry have left out since then: rows that newer ones had replaced, and records that had been taken out of the
    /// quarantine. Raw records, runs and outliers never die one by one; they go with their segment when that is too old.
    package var deadRowsDropped = 0
    package var deadRecordsDropped = 0
    /// Why no commits are taken for the time being; nil in health.
    package var readOnly: String?
    /// Why nothing is acknowledged any more; nil in health.
    package var poisoned: String?
    /// The time by which things are too old, in milliseconds since 1970: the clock's, or an earlier one while that is not believed.
    package var retentionTime: Int64 = 0

    package init() {}

    /// Why commits are not taken, for good or for the time being; nil in health.
    package var refusal: String? { poisoned ?? readOnly }
}
