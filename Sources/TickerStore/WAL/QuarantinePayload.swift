import MarketData

/// QUARANTINE: records that could not become rows, whole, with where they came from and why.
///
/// The head is that of RAW; then per record: 16 bytes digest of source, content and reasons, u64 position, u32 lengths of
/// place, reasons and content, and their bytes. With a header (record type 8) all this stands behind u32 length of the header, u32 0,
/// the header, and zeros to a multiple of eight.
enum QuarantinePayload {
    private static let prefixLength = 8
    private static let fixedLength = 36

    /// The type of the log record for records with this header.
    static func type(header: [UInt8]) -> LogRecordType { header.isEmpty ? .quarantine : .headedQuarantine }

    /// - Parameter records: All with one header.
    /// - Returns: Where the head ends in `out`, and where each record begins.
    @discardableResult
    static func encode(_ records: ArraySlice<QuarantinedRecord>, origin: BatchOrigin, into out: inout [UInt8]) -> (head: Int, starts: [Int]) {
        if let header = records.first?.header, !header.isEmpty {
            let start = out.count
            out.append(littleEndian: UInt32(header.count))
            out.append(littleEndian: UInt32(0))
            out.append(contentsOf: header)
            out.padToEight(from: start)
        }
        origin.encode(count: records.count, into: &out, start: out.count)
        let head = out.count
        var starts: [Int] = []
        starts.reserveCapacity(records.count)
        for record in records {
            starts.append(out.count)
            out.append(littleEndian: record.digest.high)
            out.append(littleEndian: record.digest.low)
            out.append(littleEndian: UInt64(record.position))
            let reasons = Array(record.reasons.joined(separator: ",").utf8)
            let place = Array(record.place.utf8)
            out.append(littleEndian: UInt32(place.count))
            out.append(littleEndian: UInt32(reasons.count))
            out.append(littleEndian: UInt32(record.content.count))
            out.append(contentsOf: place)
            out.append(contentsOf: reasons)
            out.append(contentsOf: record.content)
        }
        return (head, starts)
    }

    /// What stands before the records of a payload.
    struct Head {
        var origin: BatchOrigin
        var header: Range<Int>
        /// Bytes up to the first record.
        var length: Int
    }

    /// A record in a payload; the ranges are in its bytes.
    struct Entry {
        var digest: RecordDigest
        var position: Int
        var place: Range<Int>
        var reasons: Range<Int>
        var content: Range<Int>

        /// All of it.
        var range: Range<Int> { place.lowerBound - fixedLength..<content.upperBound }
    }

    /// - Parameter bytes: From the payload's start, at least the head.
    static func head(_ bytes: UnsafeRawBufferPointer, isHeaded: Bool) throws(MalformedPayload) -> Head {
        var start = 0
        var header = 0..<0
        if isHeaded {
            guard bytes.count >= prefixLength else { throw MalformedPayload("QUARANTINE payload is cut") }
            header = prefixLength..<prefixLength + Int(bytes.integer(UInt32.self, at: 0))
            start = (header.upperBound + 7) & ~7
        }
        guard start + BatchOrigin.fixedLength <= bytes.count else { throw MalformedPayload("QUARANTINE payload is cut") }
        let rest = bytes.slice(start..<bytes.count)
        let length = BatchOrigin.encodedLength(rest)
        guard length <= rest.count else { throw MalformedPayload("QUARANTINE payload is cut") }
        return Head(origin: BatchOrigin(decoding: rest), header: header, length: start + length)
    }

    /// Where the batch came from, and its records.
    static func decode(_ bytes: UnsafeRawBufferPointer, isHeaded: Bool = false) throws(MalformedPayload) -> (head: Head, records: [Entry]) {
        let head = try head(bytes, isHeaded: isHeaded)
        var offset = head.length
        var records: [Entry] = []
        let start = isHeaded ? (head.header.upperBound + 7) & ~7 : 0
        for _ in 0..<bytes.integer(UInt32.self, at: start) {
            let entry = try entry(bytes, at: offset)
            records.append(entry)
            offset = entry.content.upperBound
        }
        guard offset == bytes.count else { throw MalformedPayload("QUARANTINE payload lengths do not add up") }
        return (head, records)
    }

    /// The record that begins at an offset.
    static func entry(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(MalformedPayload) -> Entry {
        guard offset + fixedLength <= bytes.count else { throw MalformedPayload("QUARANTINE payload is cut") }
        let place = offset + fixedLength
        let reasons = place + Int(bytes.integer(UInt32.self, at: offset + 24))
        let content = reasons + Int(bytes.integer(UInt32.self, at: offset + 28))
        let end = content + Int(bytes.integer(UInt32.self, at: offset + 32))
        guard end <= bytes.count else { throw MalformedPayload("QUARANTINE payload is cut") }
        return Entry(
            digest: RecordDigest(high: bytes.integer(UInt64.self, at: offset), low: bytes.integer(UInt64.self, at: offset + 8)),
            position: Int(bytes.integer(Int64.self, at: offset + 16)),
            place: place..<reasons,
            reasons: reasons..<content,
            content: content..<end
        )
    }
}

extension WaitingRecord {
    /// - Parameters:
    ///   - lsn: Of the log record with the payload.
    ///   - head: The bytes up to the first record of the payload, at least.
    ///   - bytes: Those that the entry's ranges are in.
    init(
        _ known: QuarantinePayload.Head,
        head: UnsafeRawBufferPointer,
        _ entry: QuarantinePayload.Entry,
        in bytes: UnsafeRawBufferPointer,
        lsn: UInt64
    ) {
        func text(_ range: Range<Int>) -> String { String(decoding: bytes.slice(range), as: UTF8.self) }
        self.init(
            id: entry.digest,
            source: known.origin.source,
            recordedAt: known.origin.fetchedAt,
            runID: known.origin.runID,
            batch: known.origin.number,
            place: text(entry.place),
            position: entry.position,
            reasons: text(entry.reasons).split(separator: ",").map(String.init),
            content: [UInt8](bytes.slice(entry.content)),
            header: [UInt8](head.slice(known.header)),
            lsn: lsn
        )
    }
}
