/// Whether the payloads of a batch are what their records say.
enum LogBatchCheck {
    /// The first record that makes no sense, and why; nil: all do.
    static func fault(in batch: [LogRecovery.Record]) -> (record: LogRecovery.Record, what: String)? {
        var rows = 0
        for record in batch {
            do throws(MalformedPayload) {
                try record.payload.span.withUnsafeBytes { bytes throws(MalformedPayload) in try check(record.header, bytes, &rows) }
            } catch {
                return (record, error.reason)
            }
        }
        return nil
    }

    private static func check(_ header: LogRecordHeader, _ bytes: UnsafeRawBufferPointer, _ rows: inout Int) throws(MalformedPayload) {
        switch LogRecordType(rawValue: header.type) {
        case .rows:
            let payload = try RowsPayload(decoding: bytes)
            try check(payload)
            rows = payload.rowCount
        case .raw:
            guard try RawPayload.decode(bytes).records.count == rows else { throw MalformedPayload("RAW and ROWS records do not match") }
        case .quarantine: _ = try QuarantinePayload.decode(bytes, isHeaded: false)
        case .headedQuarantine: _ = try QuarantinePayload.decode(bytes, isHeaded: true)
        case .delete: _ = try DeletePayload.decode(bytes)
        case .lines: _ = try LinesPayload.decode(bytes)
        case .state: _ = try StatePayload.decode(bytes)
        case .noop: guard bytes.isEmpty else { throw MalformedPayload("a NOOP that is not empty") }
        case nil: throw MalformedPayload("record type \(header.type) was written by a newer kasparro")
        }
    }

    private static func check(_ payload: RowsPayload) throws(MalformedPayload) {
        let series = try payload.series().count
        var offset = RowsPayload.fixedLength
        for index in 0..<payload.rowCount {
            let row = payload.row(index)
            guard row.series < series, (2...LogFormat.maximumLine).contains(row.lineLength), offset + row.lineLength <= payload.bytes.count,
                payload.bytes[offset + row.lineLength - 1] == 0x0A
            else { throw MalformedPayload("row \(index) is out of range") }
            offset += row.lineLength
        }
    }
}
