import MarketData

/// The batches that share one sync, while they are being written: what they changed, so that it can be published or taken back.
struct CommitGroup {
    /// A key and what the open generation's index said about it before.
    private struct Undo {
        var series: UInt32
        var timestamp: Int64
        var old: LineLocator?
    }

    /// A row that a later one replaced.
    struct Superseded {
        var series: UInt32
        var timestamp: Int64
        var place: RowTables.Place
    }

    /// A quarantined record that comes or goes.
    enum QuarantineChange {
        case added(WaitingList.Entry)
        case removed(RecordDigest, RowTables.WaitingPlace)
    }

    private var undo: [Undo] = []
    private(set) var rows: [PartRow] = []
    private(set) var superseded: [Superseded] = []
    private(set) var outcomes: [CommitCounts] = []
    private(set) var insertedBySource: [[UInt8]: Int] = [:]
    private(set) var quarantine: [QuarantineChange] = []
    /// Of the ids in `quarantine`: whether they wait behind the last change.
    private(set) var isWaiting: [RecordDigest: Bool] = [:]
    private(set) var changes: [StateChange] = []
    private(set) var rawRecords = 0
    /// Where the ROWS records begin.
    private(set) var marks: [Int] = []
    private(set) var records: [LineRecord] = []
    /// The rows of each batch that were kept, for whoever follows the commits; nil: nobody does.
    private(set) var committed: [CommittedRows]?
    /// Of the last record of the last batch with rows; nil: none has any.
    private(set) var lastRowsLSN: UInt64?

    /// - Parameter isFollowed: Whether somebody wants to know which rows were kept.
    init(isFollowed: Bool) { committed = isFollowed ? [] : nil }

    /// Sorts each row of a batch into inserted, updated and skipped, and encodes the batch behind what `writer` has pending.
    ///
    /// - Parameter slots: The segments with quarantined records.
    mutating func add(
        _ batch: Batch,
        to tables: inout RowTables,
        writer: inout LogWriter,
        slots: [FamilySlot]
    ) throws(StoreError) {
        var counts = CommitCounts()
        let numbers = tables.series.numbers(for: batch.series)
        let start = writer.pendingOffset
        let kept = try writeLines(of: batch, numbers: numbers, tables: &tables, writer: &writer, counts: &counts)
        if kept.isEmpty {
            writer.cancelRecord()
        } else {
            marks.append(start)
            RowsPayload.finish(&writer.pending, start: writer.recordPayloadStart, batch: batch, kept: kept)
            try writer.endRecord(.rows, commit: false)
            writer.beginRecord()
            RawPayload.encode(batch, kept: kept, into: &writer.pending)
            try writer.endRecord(.raw, commit: false)
            rawRecords += kept.count
        }
        if !batch.removed.isEmpty { try writeRemovals(of: batch, tables: tables, writer: &writer, slots: slots, counts: &counts) }
        if !batch.quarantined.isEmpty { try writeQuarantined(of: batch, tables: &tables, writer: &writer, slots: slots, counts: &counts) }
        if !batch.records.isEmpty {
            writer.beginRecord()
            LinesPayload.encode(batch.records, into: &writer.pending)
            try writer.endRecord(.lines, commit: false)
            records += batch.records
        }
        try writeState(of: batch, counts, writer: &writer)
        if !kept.isEmpty {
            lastRowsLSN = writer.lastPendingLSN
            committed?.append(CommittedRows(batch, kept: kept, sequence: writer.lastPendingLSN))
        }
        outcomes.append(counts)
    }

    /// The STATE record ends the batch, even when it changes nothing.
    private mutating func writeState(of batch: Batch, _ counts: CommitCounts, writer: inout LogWriter) throws(StoreError) {
        let stateChanges = batch.state(counts)
        if let change = stateChanges.first(where: { $0.key.utf8.count > Int(UInt16.max) }) {
            throw StoreError(.tooLarge, "a state key of \(change.key.utf8.count) bytes")
        }
        writer.beginRecord()
        StatePayload.encode(stateChanges, into: &writer.pending)
        try writer.endRecord(.state, commit: true)
        changes.append(contentsOf: stateChanges)
    }

    private mutating func writeLines(
        of batch: Batch,
        numbers: [UInt32],
        tables: inout RowTables,
        writer: inout LogWriter,
        counts: inout CommitCounts
    ) throws(StoreError) -> [Int32] {
        var kept: [Int32] = []
        kept.reserveCapacity(batch.rows.count)
        writer.beginRecord()
        RowsPayload.begin(&writer.pending)
        var insertedBySeries = [Int](repeating: 0, count: batch.series.count)
        // Spans: this is the hottest loop of the writer, and each slice of an array would count its references.
        let lines = batch.lines.span
        let batchRows = batch.rows.span
        var start = 0
        for index in batchRows.indices {
            let row = batchRows[index]
            let end = start + Int(row.lineLength)
            defer { start = end }
            let series = numbers[Int(row.series)]
            let timestamp = row.timestamp.milliseconds
            let locator = LineLocator(file: writer.number, offset: writer.pendingOffset)
            let old = try tables.find(series: series, timestamp: timestamp)
            if let old {
                if try tables.holdsSameContent(old, as: lines.extracting(start..<end - 1), pendingIn: writer) {
                    counts.skipped += 1
                    continue
                }
                counts.updated += 1
                superseded.append(Superseded(series: series, timestamp: timestamp, place: old))
            } else {
                counts.inserted += 1
                insertedBySeries[Int(row.series)] += 1
            }
            let before = tables.open.index.set(series: series, timestamp: timestamp, to: locator)
            undo.append(Undo(series: series, timestamp: timestamp, old: before))
            rows.append(PartRow(rank: 0, series: series, timestamp: timestamp, offset: UInt64(locator.offset), length: UInt16(row.lineLength - 1)))
            lines.extracting(start..<end).withUnsafeBufferPointer { writer.pending.append(contentsOf: $0) }
            kept.append(Int32(index))
        }
        for (series, inserted) in insertedBySeries.enumerated() where inserted > 0 {
            insertedBySource[batch.series[series].source, default: 0] += inserted
        }
        return kept
    }

    /// Notes a record that comes or goes with a batch.
    mutating func note(_ change: QuarantineChange) {
        switch change {
        case .added(let entry): isWaiting[entry.id] = true
        case .removed(let id, _): isWaiting[id] = false
        }
        quarantine.append(change)
    }

    /// Puts the open generation's index back as it was before the group.
    func takeBack(from tables: inout RowTables) {
        for change in undo.reversed() {
            if let old = change.old {
                tables.open.index.set(series: change.series, timestamp: change.timestamp, to: old)
            } else {
                tables.open.index.remove(series: change.series, timestamp: change.timestamp)
            }
        }
    }
}
