import MarketData

/// Builds the tables of the log's generations anew from its batches, over the segments.
struct Replay {
    var tables: RowTables
    /// Segments of the other families.
    var others: [FamilySlot]
    var counts: StoreCounts
    var state: [String: [UInt8]]
    var lastRowsLSN: UInt64
    private var rows: [PartRow] = []
    private var superseded: [CommitGroup.Superseded] = []

    /// Rows gathered before they become groups; many small batches would otherwise be merged again and again.
    private static let rowsPerPart = 65_536

    init(over tables: RowTables, others: [FamilySlot], counts: StoreCounts, state: [String: [UInt8]], lastRowsLSN: UInt64) {
        self.tables = tables
        self.others = others
        self.counts = counts
        self.state = state
        self.lastRowsLSN = lastRowsLSN
    }

    /// The next log file begins.
    mutating func begin(_ file: any File, path: String, firstLSN: UInt64) {
        finishPart()
        let number = tables.generations.count
        tables.generations.append(Generation(number: number, file: file, path: path, firstLSN: firstLSN))
        tables.lines.files[number] = file
    }

    mutating func apply(_ batch: [LogRecovery.Record], path: String) throws(StoreError) {
        for record in batch {
            do {
                try record.payload.withUnsafeBytes { try apply(record.header, $0, offset: record.offset) }
            } catch let error as StoreError {
                throw error
            } catch {
                let reason = (error as? MalformedPayload)?.reason ?? "\(error)"
                throw .corrupt(path, offset: record.offset, "record \(record.header.lsn): \(reason). \(LogRecovery.advice)")
            }
        }
        if let last = batch.last, batch.contains(where: { LogRecordType(rawValue: $0.header.type) == .rows }) { lastRowsLSN = last.header.lsn }
        if rows.count >= Self.rowsPerPart { finishPart() }
    }

    private mutating func apply(_ header: LogRecordHeader, _ bytes: UnsafeRawBufferPointer, offset: Int) throws {
        switch LogRecordType(rawValue: header.type) {
        case .rows:
            tables.open.marks.note(offset - LogFormat.recordHeaderLength)
            try apply(RowsPayload(decoding: bytes), offset: offset)
        case .raw:
            let count = try RawPayload.count(bytes)
            counts.rawRecords += count
            tables.open.rawRecords += count
        case .quarantine: try addQuarantined(bytes, isHeaded: false, offset: offset)
        case .headedQuarantine: try addQuarantined(bytes, isHeaded: true, offset: offset)
        case .delete:
            let ids = try DeletePayload.decode(bytes)
            for id in ids { try takeOut(id) }
            tables.open.removals += ids.count
        case .lines: tables.open.records += try LinesPayload.decode(bytes)
        case .state: for change in try StatePayload.decode(bytes) { state[change.key] = change.value }
        case .noop: break
        case nil: throw MalformedPayload("record type \(header.type) was written by a newer kasparro")
        }
    }

    private mutating func addQuarantined(_ bytes: UnsafeRawBufferPointer, isHeaded: Bool, offset: Int) throws {
        let (head, records) = try QuarantinePayload.decode(bytes, isHeaded: isHeaded)
        // What is remembered of a record has 32 bits for its place.
        guard offset + bytes.count <= Int(UInt32.max) else { throw MalformedPayload("a quarantined record lies beyond 4 GiB") }
        let series = tables.quarantineSeries(of: head.origin.source)
        for record in records {
            // Where a repair lost what took the first one out, the later one counts.
            try takeOut(record.digest)
            let entry = WaitingList.Entry(
                id: record.digest,
                recordedAt: head.origin.fetchedAt.milliseconds,
                series: series,
                payload: UInt32(offset),
                headLength: UInt32(head.length),
                isHeaded: isHeaded,
                offset: UInt32(offset + record.range.lowerBound),
                length: UInt32(record.range.count)
            )
            tables.open.waiting.append(entry, rank: tables.quarantineSeries.rank)
        }
        counts.quarantined += records.count
    }

    private mutating func takeOut(_ id: RecordDigest) throws {
        guard let place = try tables.waitingPlace(of: id, in: others) else { return }
        tables.takeOut(id, at: place, from: &others)
        counts.quarantined -= 1
    }

    private mutating func apply(_ payload: RowsPayload, offset: Int) throws {
        let keys = try payload.series()
        let numbers = tables.series.numbers(for: keys)
        var inserted: [[UInt8]: Int] = [:]
        var lineOffset = offset + RowsPayload.fixedLength
        let file = tables.open.number
        for index in 0..<payload.rowCount {
            let row = payload.row(index)
            guard row.series < numbers.count, (2...LogFormat.maximumLine).contains(row.lineLength) else {
                throw MalformedPayload("row \(index) is out of range")
            }
            let series = numbers[row.series]
            // The index of a log has 32 bits for a place.
            guard lineOffset <= Int(UInt32.max) else { throw MalformedPayload("row \(index) lies beyond 4 GiB") }
            let locator = LineLocator(file: file, offset: lineOffset)
            lineOffset += row.lineLength
            if let old = try tables.find(series: series, timestamp: row.milliseconds) {
                superseded.append(CommitGroup.Superseded(series: series, timestamp: row.milliseconds, place: old))
            } else {
                inserted[keys[row.series].source, default: 0] += 1
            }
            tables.open.index.set(series: series, timestamp: row.milliseconds, to: locator)
            rows.append(
                PartRow(rank: 0, series: series, timestamp: row.milliseconds, offset: UInt64(locator.offset), length: UInt16(row.lineLength - 1))
            )
        }
        tables.open.rows += payload.rowCount
        for (source, rows) in inserted { counts.add(rows: rows, source: source) }
    }

    /// Makes groups of the rows gathered so far.
    mutating func finishPart() {
        if rows.isEmpty { return }
        tables.publish(&rows, superseded: superseded)
        rows.removeAll(keepingCapacity: true)
        superseded.removeAll(keepingCapacity: true)
    }
}

extension RowTables {
    /// Makes rows of the open generation visible, and those that they replace dead.
    mutating func publish(_ rows: inout [PartRow], superseded: [CommitGroup.Superseded]) {
        for index in rows.indices { rows[index].rank = series.rank[Int(rows[index].series)] }
        let rank = series.rank
        open.groups.append(rows, rank: rank)
        for old in superseded { markDead(old.place, series: old.series, timestamp: old.timestamp) }
    }
}
