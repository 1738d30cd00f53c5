import MarketData

/// RAW: the source's own record of each row of the ROWS record before it, in the same order.
///
/// | bytes | field |
/// |---|---|
/// | 4, 4, 8, 1, 1, 2 | records n, batch number, fetched at (ms), length of run id, length of source, 0 |
/// | … | run id, source, zeros to a multiple of 8 |
/// | 4 n | lengths |
/// | rest | the records |
enum RawPayload {
    static func encode(_ batch: Batch, kept: [Int32], into out: inout [UInt8]) {
        let start = out.count
        batch.origin.encode(count: kept.count, into: &out, start: start)
        out.append(littleEndian: kept.map { batch.rows[Int($0)].rawLength })
        appendPieces(of: batch.raw, lengths: { Int(batch.rows[$0].rawLength) }, rows: batch.rows.count, kept: kept, to: &out)
    }

    /// How many records the payload holds.
    static func count(_ bytes: UnsafeRawBufferPointer) throws(MalformedPayload) -> Int {
        guard bytes.count >= BatchOrigin.fixedLength else { throw MalformedPayload("RAW payload is cut") }
        return Int(bytes.integer(UInt32.self, at: 0))
    }

    /// Where the batch came from, and where in the payload each record is.
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedPayload) -> (origin: BatchOrigin, records: [Range<Int>]) {
        let count = try count(bytes)
        let head = BatchOrigin.encodedLength(bytes)
        guard head + 4 * count <= bytes.count else { throw MalformedPayload("RAW payload is cut") }
        var start = head + 4 * count
        var records: [Range<Int>] = []
        records.reserveCapacity(count)
        for index in 0..<count {
            let end = start + Int(bytes.integer(UInt32.self, at: head + 4 * index))
            records.append(start..<end)
            start = end
        }
        guard start == bytes.count else { throw MalformedPayload("RAW payload lengths do not add up") }
        return (BatchOrigin(decoding: bytes), records)
    }
}

/// Appends the pieces of `bytes` that belong to the kept rows; one copy when all of them are kept.
private func appendPieces(of bytes: [UInt8], lengths: (Int) -> Int, rows: Int, kept: [Int32], to out: inout [UInt8]) {
    if kept.count == rows {
        out.append(contentsOf: bytes)
        return
    }
    var offset = 0
    var next = 0
    for index in kept {
        while next < Int(index) {
            offset += lengths(next)
            next += 1
        }
        let length = lengths(next)
        out.append(contentsOf: bytes[offset..<offset + length])
        offset += length
        next += 1
    }
}
