import MarketData

/// Builds the tables anew from the log's batches.
struct Replay {
    var tables = KeyTables()
    var parts = PartList()
    var counts = StoreCounts()
    var state: [String: [UInt8]] = [:]
    var waiting: Set<RecordDigest> = []
    private var rows: [PartRow] = []
    private var superseded: [CommitGroup.Superseded] = []

    /// Rows gathered into one part; many small batches would otherwise be merged again and again.
    private static let rowsPerPart = 65_536

    mutating func apply(_ batch: [LogRecovery.Record], file: Int, path: String) throws(StoreError) {
        for record in batch {
            var failure: MalformedPayload?
            record.payload.withUnsafeBytes { bytes in
                do throws(MalformedPayload) {
                    try apply(record.header, bytes, file: file, offset: record.offset)
                } catch {
                    failure = error
                }
            }
            if let failure { throw .corrupt(path, offset: record.offset, "record \(record.header.lsn): \(failure.reason). \(LogRecovery.advice)") }
        }
        if rows.count >= Self.rowsPerPart { finishPart() }
    }

    private mutating func apply(_ header: LogRecordHeader, _ bytes: UnsafeRawBufferPointer, file: Int, offset: Int) throws(MalformedPayload) {
        switch LogRecordType(rawValue: header.type) {
        case .rows: try apply(RowsPayload(decoding: bytes), file: file, offset: offset)
        case .raw: counts.rawRecords += try RawPayload.count(bytes)
        case .quarantine:
            let digests = try QuarantinePayload.digests(bytes)
            counts.quarantined += digests.count
            waiting.formUnion(digests)
        case .state: for change in try StatePayload.decode(bytes) { state[change.key] = change.value }
        case .noop: break
        case .delete, nil: throw MalformedPayload("record type \(header.type) was written by a newer kasparro")
        }
    }

    private mutating func apply(_ payload: RowsPayload, file: Int, offset: Int) throws(MalformedPayload) {
        let keys = try payload.series()
        let numbers = tables.series.numbers(for: keys)
        var inserted: [[UInt8]: Int] = [:]
        var lineOffset = offset + RowsPayload.fixedLength
        for index in 0..<payload.rowCount {
            let row = payload.row(index)
            guard row.series < numbers.count, (2...LogFormat.maximumLine).contains(row.lineLength) else {
                throw MalformedPayload("row \(index) is out of range")
            }
            let series = numbers[row.series]
            let locator = LineLocator(file: file, offset: lineOffset)
            lineOffset += row.lineLength
            if let old = tables.index.set(series: series, timestamp: row.milliseconds, to: locator) {
                superseded.append(CommitGroup.Superseded(series: series, timestamp: row.milliseconds, locator: old))
            } else {
                inserted[keys[row.series].source, default: 0] += 1
            }
            rows.append(PartRow(rank: 0, series: series, timestamp: row.milliseconds, locator: locator, length: UInt16(row.lineLength - 1)))
        }
        for (source, rows) in inserted { counts.add(rows: rows, source: source) }
    }

    /// Makes a part of the rows gathered so far.
    mutating func finishPart() {
        guard !rows.isEmpty else { return }
        let rank = tables.series.rank
        for index in rows.indices { rows[index].rank = rank[Int(rows[index].series)] }
        parts.append(MemoryPart(rows), rank: rank)
        for old in superseded { parts.markDead(series: old.series, timestamp: old.timestamp, locator: old.locator, rank: rank) }
        rows.removeAll(keepingCapacity: true)
        superseded.removeAll(keepingCapacity: true)
    }
}
