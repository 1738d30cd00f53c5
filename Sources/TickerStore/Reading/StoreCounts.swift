/// How much the store holds.
package struct StoreCounts: Sendable {
    /// Live rows.
    package var rows = 0
    package var rawRecords = 0
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
}

/// Figures about the store's files and memory.
package struct StoreStatistics: Sendable {
    /// Sealed segments.
    package var segments: Int
    package var walFiles: Int
    /// Bytes of the log files, reserved space included.
    package var walBytes: Int
    /// Bytes of all data files.
    package var bytes: Int
    package var memoryParts: Int
    package var series: Int
    package var lastLSN: UInt64
    package var durableLSN: UInt64
    /// Why nothing is acknowledged any more; nil in health.
    package var poisoned: String?
}
