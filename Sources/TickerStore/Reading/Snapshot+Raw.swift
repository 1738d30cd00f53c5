package import MarketData

/// The source's own record of a row.
package struct RawRecord: Sendable, Equatable {
    package var fetchedAt: Timestamp
    package var runID: String
    /// The number of its batch in that run.
    package var batch: Int
    /// As it came.
    package var record: [UInt8]
    /// Of the log record that it came in; nil: an older version has sealed it.
    package var lsn: UInt64?
}

extension Snapshot {
    /// The newest raw record of a row, the one that the row was made of: of several the one that was committed last.
    ///
    /// Blocks on the disk: call it from a thread that may.
    ///
    /// - Returns: nil when there is none, or none any more.
    /// - Throws: `.corrupt`, `.inputOutput`.
    package func rawRecord(of key: SeriesKey, timestamp: Timestamp) throws(StoreError) -> RawRecord? {
        if let place = unsealedLine(of: key, timestamp.milliseconds), let log = logs.first(where: { $0.path == place.path }) {
            return try log.rawRecord(ofLineAt: place.offset)
        }
        var newest: RawRecord?
        for slot in others where slot.info.family == .raw && (slot.info.earliest...slot.info.latest).contains(timestamp.milliseconds) {
            var search = SegmentKeySearch(slot.segment)
            let rows = try search.rows(of: key, timestamp: timestamp.milliseconds)
            var lines: [[UInt8]] = []
            try slot.segment.readLines(rows, cache: cache) { _, bytes in lines.append([UInt8](bytes)) }
            for line in lines {
                let record = try RawRecord(line: line, in: slot.segment.dataPath)
                if newest.map({ $0.order <= record.order }) ?? true { newest = record }
            }
        }
        return newest
    }

    /// Where the live line of a row is, when that is in the log.
    private func unsealedLine(of key: SeriesKey, _ timestamp: Int64) -> (path: String, offset: Int)? {
        let position = series.position(of: key)
        guard position % 2 == 1 else { return nil }
        // The log's groups come last.
        for view in groups.reversed() {
            guard case .log(_, let path, let offsets, _) = view.group.lines else { return nil }
            guard let row = view.liveRow(series: series.byRank[position / 2], timestamp: timestamp, rank: series.rank) else { continue }
            return (path, Int(offsets[row]))
        }
        return nil
    }
}

extension LogPart {
    /// The raw record of the row whose line begins at an offset: ROWS and RAW follow each other in the log.
    fileprivate func rawRecord(ofLineAt offset: Int) throws(StoreError) -> RawRecord {
        let (start, rows, behind, raw) = try records(ofLineAt: offset, salt: try salt())
        let payload = try bytes(at: start + LogFormat.recordHeaderLength, rows.payloadLength)
        let number = payload.withUnsafeBytes { Self.row(at: offset - start - LogFormat.recordHeaderLength, in: $0) }
        let records = try bytes(at: behind + LogFormat.recordHeaderLength, raw.payloadLength)
        // JSON has no zeros: those are of a file that was cut under us (`LoggedLine`). The checksum covers the batch, too much for one record.
        guard let number, var found = records.withUnsafeBytes({ Self.raw(number, in: $0) }), found.record.last != 0 else { throw damage(behind) }
        found.lsn = raw.lsn
        return found
    }

    /// Where the row came from whose line begins at an offset: only the head of its RAW record is read.
    func origin(ofLineAt offset: Int, salt: UInt32) throws(StoreError) -> RowOrigin {
        let (_, _, behind, raw) = try records(ofLineAt: offset, salt: salt)
        let length = min(raw.payloadLength, BatchOrigin.maximumLength)
        let head = try bytes(at: behind + LogFormat.recordHeaderLength, length)
        let origin = head.withUnsafeBytes { head -> BatchOrigin? in
            guard head.count >= BatchOrigin.fixedLength, BatchOrigin.encodedLength(head) <= head.count else { return nil }
            return BatchOrigin(decoding: head)
        }
        guard let origin else { throw damage(behind) }
        return RowOrigin(runID: origin.runID, batch: origin.number, fetchedAt: origin.fetchedAt, lsn: raw.lsn)
    }

    /// What the file's CRCs begin with.
    func salt() throws(StoreError) -> UInt32 { try LogFileReader(file: file, path: path).header.salt }

    /// The ROWS record with the line that begins at an offset, and the RAW record behind it, and where they begin.
    private func records(
        ofLineAt offset: Int,
        salt: UInt32
    ) throws(StoreError) -> (start: Int, rows: LogRecordHeader, behind: Int, raw: LogRecordHeader) {
        var start = marks.start(before: offset)
        var rows = try record(at: start, salt: salt)
        while start + LogFormat.recordHeaderLength + rows.paddedLength <= offset {
            start += LogFormat.recordHeaderLength + rows.paddedLength
            rows = try record(at: start, salt: salt)
        }
        let behind = start + LogFormat.recordHeaderLength + rows.paddedLength
        let raw = try record(at: behind, salt: salt)
        guard rows.type == LogRecordType.rows.rawValue, raw.type == LogRecordType.raw.rawValue else { throw damage(start) }
        return (start, rows, behind, raw)
    }

    /// The number of the row whose line begins at an offset in a ROWS payload.
    private static func row(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let payload = try? RowsPayload(decoding: bytes) else { return nil }
        var start = RowsPayload.fixedLength
        for row in 0..<payload.rowCount {
            if start == offset { return row }
            start += payload.row(row).lineLength
        }
        return nil
    }

    private static func raw(_ number: Int, in bytes: UnsafeRawBufferPointer) -> RawRecord? {
        guard let (origin, records) = try? RawPayload.decode(bytes), number < records.count else { return nil }
        return RawRecord(fetchedAt: origin.fetchedAt, runID: origin.runID, batch: origin.number, record: [UInt8](bytes.slice(records[number])))
    }

    private func record(at offset: Int, salt: UInt32) throws(StoreError) -> LogRecordHeader {
        let head = try bytes(at: offset, LogFormat.recordHeaderLength)
        guard let header = head.withUnsafeBytes({ LogRecordHeader(decoding: $0, salt: salt) }) else { throw damage(offset) }
        return header
    }

    private func bytes(at offset: Int, _ count: Int) throws(StoreError) -> [UInt8] {
        let bytes = try file.bytes(at: offset, count: count)
        guard bytes.count == count else { throw damage(offset) }
        return bytes
    }

    private func damage(_ offset: Int) -> StoreError {
        .corrupt(path, offset: offset, "a record cannot be read back; check the disk. \(LogRecovery.advice)")
    }
}

extension RawRecord {
    /// From a line of a segment.
    fileprivate init(line: [UInt8], in path: String) throws(StoreError) {
        let found: RawRecord? = line.withUnsafeBytes { bytes in
            // Inside a string the quote would have a backslash before it, so the first such bytes are the member.
            let mark = Array(#","record"#.utf8)
            guard let place = mark.withUnsafeBytes({ firstPlace(of: $0, in: bytes) }), bytes.last == UInt8(ascii: "}"),
                let root = try? JSONDocument(parsing: [UInt8](bytes.slice(0..<place)) + [UInt8(ascii: "}")]).root,
                let time = root.member("fetched_at")?.string, let fetchedAt = try? Timestamp.parse(Array(time.utf8).span),
                let runID = root.member("run_id")?.string, let batch = root.member("batch")?.integer,
                let record = Self.record([UInt8](bytes.slice(place + mark.count..<bytes.count - 1)))
            else { return nil }
            return RawRecord(fetchedAt: fetchedAt, runID: runID, batch: Int(batch), record: record, lsn: root.lsn)
        }
        guard let found else { throw StoreError(.corrupt, "\(path): a line is no raw record. \(SegmentFormat.dataAdvice)") }
        self = found
    }

    /// - Parameter rest: `":` and the record itself, or `_text":` and it as a string.
    private static func record(_ rest: [UInt8]) -> [UInt8]? {
        if rest.starts(with: Array("\":".utf8)) { return Array(rest.dropFirst(2)) }
        guard rest.starts(with: Array("_text\":".utf8)), let value = try? JSONDocument(parsing: Array(rest.dropFirst(7))).root else { return nil }
        var text: [UInt8] = []
        return value.appendString(to: &text) ? text : nil
    }
}
