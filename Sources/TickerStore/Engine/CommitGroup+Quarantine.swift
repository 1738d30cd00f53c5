import MarketData

extension CommitGroup {
    /// Writes down which waiting records the batch takes out.
    mutating func writeRemovals(
        of batch: Batch,
        tables: RowTables,
        writer: inout LogWriter,
        slots: [FamilySlot],
        counts: inout CommitCounts
    ) throws(StoreError) {
        var ids: [RecordDigest] = []
        for id in batch.removed {
            guard let place = try place(of: id, tables: tables, slots: slots) else { continue }
            note(.removed(id, place))
            ids.append(id)
        }
        counts.removed = ids.count
        if ids.isEmpty { return }
        writer.beginRecord()
        DeletePayload.encode(ids, into: &writer.pending)
        try writer.endRecord(.delete, commit: false)
    }

    /// Where a record waits behind the changes so far.
    private func place(of id: RecordDigest, tables: RowTables, slots: [FamilySlot]) throws(StoreError) -> RowTables.WaitingPlace? {
        switch isWaiting[id] {
        case true?: .log(tables.open.number)
        case false?: nil
        case nil: try tables.waitingPlace(of: id, in: slots)
        }
    }

    /// Writes the records that do not wait yet; those that follow each other with one header as one log record.
    mutating func writeQuarantined(
        of batch: Batch,
        tables: inout RowTables,
        writer: inout LogWriter,
        slots: [FamilySlot],
        counts: inout CommitCounts
    ) throws(StoreError) {
        var fresh: [QuarantinedRecord] = []
        var ids: Set<RecordDigest> = []
        for record in batch.quarantined where !(isWaiting[record.digest] ?? tables.isWaiting(record.digest, in: slots)) {
            if ids.insert(record.digest).inserted { fresh.append(record) }
        }
        counts.quarantined = fresh.count
        counts.seenInQuarantine = batch.quarantined.count - fresh.count
        var rest = fresh[...]
        while let header = rest.first?.header {
            let records = rest.prefix { $0.header == header }
            try write(records, origin: batch.origin, tables: &tables, writer: &writer)
            rest = rest[records.endIndex...]
        }
    }

    /// Writes records with one header.
    private mutating func write(
        _ records: ArraySlice<QuarantinedRecord>,
        origin: BatchOrigin,
        tables: inout RowTables,
        writer: inout LogWriter
    ) throws(StoreError) {
        let header = records[records.startIndex].header
        let series = tables.quarantineSeries(of: origin.source)
        writer.beginRecord()
        let start = writer.pending.count
        let payload = writer.pendingOffset
        let (head, starts) = QuarantinePayload.encode(records, origin: origin, into: &writer.pending)
        let ends = starts.dropFirst() + [writer.pending.count]
        for ((record, begin), end) in zip(zip(records, starts), ends) {
            let entry = WaitingList.Entry(
                id: record.digest,
                recordedAt: origin.fetchedAt.milliseconds,
                series: series,
                payload: UInt32(payload),
                headLength: UInt32(head - start),
                isHeaded: !header.isEmpty,
                offset: UInt32(payload + begin - start),
                length: UInt32(end - begin)
            )
            note(.added(entry))
        }
        try writer.endRecord(QuarantinePayload.type(header: header), commit: false)
    }
}
