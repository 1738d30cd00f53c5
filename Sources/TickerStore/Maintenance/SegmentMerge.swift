import MarketData

/// Writes the live rows of some groups into new segments: sealing and compaction are both this.
///
/// The groups are walked in (timestamp, series) order; every 65,536 rows become a group of the output. At most one group's lines are in memory.
struct SegmentMerge {
    let context: JobContext
    let family: Family
    let groups: [GroupView]
    /// The series that the groups name.
    let table: SeriesTable
    /// When the rows were fetched; nil: as their timestamps.
    let recorded: ClosedRange<Int64>?
    /// Rows before this are left out.
    var oldest: Int64 = .min
    /// zlib's level of compression; nil: the family's.
    var level: Int32?

    /// The rows of a group of the output, in (timestamp, series) order.
    private struct Pending {
        var places: [RowScan.Place] = []
        var series: [UInt32] = []
        var timestamps: [Int64] = []
    }

    /// - Parameters:
    ///   - id: The first free segment id; moved on by what is written.
    ///   - written: Gets each writer, so that the caller can rename what they wrote, or take it back.
    func run(id: inout UInt64, written: inout [SegmentWriter]) throws(StoreError) -> [SegmentInfo] {
        let (keys, locals) = try usedSeries()
        var infos: [SegmentInfo] = []
        // One for all groups: growing to their size leaves as much behind each time.
        var lines = LineBuffer()
        var filter = ScanFilter()
        filter.low = SortKey(timestamp: oldest, position: 0)
        var scan = try RowScan(groups, filter: filter, rank: table.rank, direction: .ascending)
        while scan.current != nil {
            written.append(
                try SegmentWriter(
                    family: family,
                    id: id,
                    storeID: context.storeID,
                    series: keys,
                    directory: context.directory.path(of: family),
                    fileSystem: context.directory.fileSystem,
                    level: level
                )
            )
            id += 1
            let last = written.count - 1
            var rows = 0
            var span: ClosedRange<Int64>?
            // Rows of one instant stay together: segments that meet in it would overlap, and be merged again for that.
            while scan.current != nil, rows < context.maximumSegmentRows || scan.timestamp == span?.upperBound {
                try context.cancellation.check()
                let pending = try gather(&scan, through: rows < context.maximumSegmentRows ? .max : scan.timestamp)
                rows += pending.places.count
                span = min(span?.lowerBound ?? .max, pending.timestamps.first!)...max(span?.upperBound ?? .min, pending.timestamps.last!)
                try write(pending, locals: locals, through: &lines, to: &written[last])
            }
            infos.append(try written[last].finish(recorded: recorded ?? span!))
        }
        return infos
    }

    /// The series that occur, in key order, and each one's place there by its number in `table`.
    private func usedSeries() throws(StoreError) -> (keys: [SeriesKey], locals: [UInt32]) {
        var isUsed = [Bool](repeating: false, count: table.count)
        for view in groups {
            // Before the first number of its columns is used.
            try view.group.check()
            for run in 0..<view.group.runs { isUsed[Int(view.group.series(ofRun: run))] = true }
        }
        let used = table.byRank.filter { isUsed[Int($0)] }
        var locals = [UInt32](repeating: .max, count: table.count)
        for (local, number) in used.enumerated() { locals[Int(number)] = UInt32(local) }
        return (used.map { table.keys[Int($0)] }, locals)
    }

    /// Takes the rows of the next group from the scan, up to an instant.
    private func gather(_ scan: inout RowScan, through last: Int64) throws(StoreError) -> Pending {
        var pending = Pending()
        var span = GroupSpan(scan.timestamp)
        while let place = scan.current, pending.places.count < context.groupRows(family), scan.timestamp <= last {
            let timestamp = scan.timestamp
            var wider = span
            wider.add(timestamp)
            guard wider.fits else { break }
            span = wider
            pending.places.append(place)
            pending.series.append(scan.series)
            pending.timestamps.append(timestamp)
            try scan.advance()
        }
        return pending
    }

    private func write(
        _ pending: Pending,
        locals: [UInt32],
        through lines: inout LineBuffer,
        to writer: inout SegmentWriter
    ) throws(StoreError) {
        // Series and place in one word: the rows of a series stay in the order of time.
        var order = pending.series.indices.map { UInt64(locals[Int(pending.series[$0])]) << 32 | UInt64($0) }
        order.sort()
        let rows = order.map { Int($0 & 0xFFFF_FFFF) }
        try LineFetcher(groups: groups, cache: nil).fetch(rows.map { pending.places[$0] }, into: &lines)
        try writer.add(
            series: order.map { UInt32($0 >> 32) },
            timestamps: rows.map { pending.timestamps[$0] },
            lines: lines,
            ids: family == .quarantine ? try Self.ids(of: lines) : []
        )
    }

    /// The ids of quarantined records, with which their lines begin: `{"id":"` and 32 hex digits.
    private static func ids(of lines: LineBuffer) throws(StoreError) -> [RecordDigest] {
        var ids: [RecordDigest] = []
        for (start, length) in zip(lines.starts, lines.lengths) {
            guard length > 39, let digest = RecordDigest(hexadecimal: String(decoding: lines.bytes[start + 7..<start + 39], as: UTF8.self)) else {
                throw StoreError(.corrupt, "a quarantined record has no id. \(LogRecovery.advice)")
            }
            ids.append(digest)
        }
        return ids
    }
}
