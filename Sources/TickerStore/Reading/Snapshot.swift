import Synchronization

/// What the store held at one moment. Immutable: readers neither block nor are blocked.
package struct Snapshot: Sendable {
    private static let identities = Atomic<UInt64>(0)

    /// Another one for each snapshot of this process, rising; not every new one holds something new.
    package let identity = Self.identities.add(1, ordering: .relaxed).newValue
    let series: SeriesTable
    /// The groups of the sealed segments, then those of the log.
    let groups: [GroupView]
    let cache: BlockCache
    package let counts: StoreCounts
    /// Segments of the families beside the rows.
    let others: [FamilySlot]
    /// What is not sealed yet of the families that are only appended to, by log file. As it is there: there may be thousands, and each commit
    /// makes a snapshot.
    let records: [[LineRecord]]
    /// The log files, oldest first, and the sources of their quarantined records.
    let logs: [LogPart]
    let quarantineSeries: SeriesTable

    init(_ tables: RowTables, _ others: [FamilySlot], _ counts: StoreCounts) {
        series = tables.series
        groups = tables.groups
        cache = tables.cache
        self.counts = counts
        self.others = others
        records = tables.generations.map(\.records)
        logs = tables.generations.map(\.part)
        quarantineSeries = tables.quarantineSeries
    }
}

extension RowPage {
    /// Puts the lines one behind the other.
    mutating func take(_ lines: LineBuffer) {
        bytes.reserveCapacity(lines.bytes.count)
        ends.reserveCapacity(lines.starts.count)
        lines.bytes.withUnsafeBytes { source in
            for index in lines.starts.indices {
                bytes.append(contentsOf: source.slice(lines.starts[index]..<lines.starts[index] + lines.lengths[index]))
                ends.append(bytes.count)
            }
        }
    }
}
