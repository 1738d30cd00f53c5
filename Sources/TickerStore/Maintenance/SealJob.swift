import MarketData

/// Seals closed log files: their live rows, raw records, waiting quarantined records and lines become segments.
///
/// Steps S2 and S3 of the publish order (`FORMAT.md`); S1 is the rotation before, S4 to S6 are the engine's.
struct SealJob: MaintenanceJob {
    /// A log file that takes no more records.
    struct Log: Sendable {
        var number: Int
        var file: any File
        var path: String
        var length: Int
        var groups: [GroupView]
        /// Where the quarantined records begin that have been taken out.
        var removed: Set<Int> = []
    }

    /// A segment some of whose rows have died since its list of dead rows was written.
    struct NewDeaths: Sendable {
        var info: SegmentInfo
        var words: [UInt64]
        var live: [String: Int]
        var count: Int
    }

    let context: JobContext
    let logs: [Log]
    let series: SeriesTable
    let deaths: [NewDeaths]
    let state: [String: [UInt8]]
    /// Of the last record in the logs.
    let lastLSN: UInt64
    /// See `StoreStatistics`.
    let lastRowsLSN: UInt64
    let clock: RetentionClock

    var purpose: String { "sealing \(logs.count) log file\(logs.count == 1 ? "" : "s")" }
    var carriedDeaths: CarriedDeaths { CarriedDeaths(generations: Set(logs.map(\.number))) }

    func run() throws(StoreError) -> JobResult {
        try context.directory.makeSegmentDirectories()
        var result = JobResult()
        var id = context.firstSegment
        var written: [SegmentWriter] = []
        do throws(StoreError) {
            // (S2) New files under temporary names, each synced.
            var added = try merge(.tickers, logs.flatMap(\.groups), series, recorded: nil, id: &id, written: &written)
            var records = LogRecords()
            for log in logs { try records.read(log, storeID: context.storeID) }
            for family in [Family.raw, .quarantine, .runs, .outliers] {
                guard let recorded = records.recorded(family) else { continue }
                let (groups, table) = records.groups(family)
                added += try merge(family, groups, table, recorded: recorded, id: &id, written: &written)
            }
            try context.confirmLock()
            for death in deaths { result.updated.append(try write(death)) }
            result.state = try context.directory.write(
                state,
                storeID: context.storeID,
                generation: context.generation,
                lastLSN: lastLSN,
                lastRowsLSN: lastRowsLSN,
                clock: clock
            )
            // (S3) Their names.
            for writer in written { try writer.rename() }
            try context.directory.syncSegmentDirectories(Set(added.map(\.family)))
            result.added = try context.open(added)
        } catch {
            for writer in written { writer.abandon() }
            throw error
        }
        result.nextSegment = id
        result.sealedThrough = lastLSN
        return result
    }

    private func merge(
        _ family: Family,
        _ groups: [GroupView],
        _ table: SeriesTable,
        recorded: ClosedRange<Int64>?,
        id: inout UInt64,
        written: inout [SegmentWriter]
    ) throws(StoreError) -> [SegmentInfo] {
        var merge = SegmentMerge(context: context, family: family, groups: groups, table: table, recorded: recorded)
        merge.level = family.sealingLevel
        return try merge.run(id: &id, written: &written)
    }

    private func write(_ deaths: NewDeaths) throws(StoreError) -> SegmentInfo {
        var info = deaths.info
        let bytes = DeadRowsFile.encode(segmentID: info.id, rows: info.rows, words: deaths.words)
        let name = SegmentInfo.deadName(info.id, generation: context.generation)
        let directory = context.directory
        try storing { () throws(FileError) in try directory.fileSystem.replace(name, in: directory.path(of: info.family), with: bytes) }
        info.dead = SegmentInfo.DeadFile(file: name, rows: deaths.count, bytes: bytes.count, crc: bytes.withUnsafeBytes { crc32($0) })
        info.live = deaths.live.filter { $0.value > 0 }
        return info
    }
}
