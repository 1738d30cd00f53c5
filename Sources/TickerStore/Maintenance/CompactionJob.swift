import MarketData

/// Writes the live rows of some segments of a family into new ones, which replace them.
struct CompactionJob: MaintenanceJob {
    struct Input: Sendable {
        var segment: Segment
        var info: SegmentInfo
        /// One bit a row; empty: none is dead.
        var dead: [UInt64]
    }

    let context: JobContext
    let family: Family
    /// By id.
    let inputs: [Input]
    /// Rows before this are left out.
    let oldest: Int64

    var purpose: String { "merging \(inputs.count) segments of \(family.name), \(inputs.reduce(0) { $0 + $1.info.rows }) rows" }
    var carriedDeaths: CarriedDeaths { CarriedDeaths(segments: Set(inputs.map(\.info.id))) }

    func run() throws(StoreError) -> JobResult {
        var table = SeriesTable()
        var groups: [GroupView] = []
        for input in inputs {
            let numbers = table.numbers(for: input.segment)
            for (entry, group) in zip(input.segment.groups, input.segment.makeRowGroups(seriesNumbers: numbers)) {
                groups.append(GroupView(group: group, dead: DeadRows(bits: input.dead, from: entry.firstRow, count: entry.rows)))
            }
        }
        let recorded = inputs.map(\.info.recorded.lowerBound).min()!...inputs.map(\.info.recorded.upperBound).max()!
        let merge = SegmentMerge(
            context: context,
            family: family,
            groups: groups,
            table: table,
            recorded: family == .tickers ? nil : recorded,
            oldest: oldest
        )
        var result = JobResult()
        var id = context.firstSegment
        var written: [SegmentWriter] = []
        do throws(StoreError) {
            // (S2) New files under temporary names, each synced.
            let added = try merge.run(id: &id, written: &written)
            try context.confirmLock()
            // (S3) Their names.
            for writer in written { try writer.rename() }
            try context.directory.syncSegmentDirectories([family])
            result.added = try context.open(added)
        } catch {
            for writer in written { writer.abandon() }
            throw error
        }
        result.removed = Set(inputs.map(\.info.id))
        result.nextSegment = id
        return result
    }
}

/// Takes segments off the list whose lines are all older than they are to be kept.
struct RetentionJob: MaintenanceJob {
    let family: Family
    let expired: Set<UInt64>

    var purpose: String { "dropping \(expired.count) expired segment\(expired.count == 1 ? "" : "s") of \(family.name)" }
    var carriedDeaths: CarriedDeaths { CarriedDeaths() }

    func run() -> JobResult {
        var result = JobResult()
        result.removed = expired
        return result
    }
}
