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

/// STATE: what a batch changes in the store's small key-value state: u32 count, then per change u16 key length,
/// u8 operation (0 put, 1 remove), u8 0, u32 value length, key, value.
enum StatePayload {
    static func encode(_ changes: [StateChange], into out: inout [UInt8]) {
        out.append(littleEndian: UInt32(changes.count))
        for change in changes {
            let key = Array(change.key.utf8)
            out.append(littleEndian: UInt16(key.count))
            out.append(littleEndian: change.value == nil ? UInt16(1) : UInt16(0))
            out.append(littleEndian: UInt32(change.value?.count ?? 0))
            out.append(contentsOf: key)
            if let value = change.value { out.append(contentsOf: value) }
        }
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedPayload) -> [StateChange] {
        guard bytes.count >= 4 else { throw MalformedPayload("STATE payload is cut") }
        var offset = 4
        var result: [StateChange] = []
        for _ in 0..<bytes.integer(UInt32.self, at: 0) {
            guard offset + 8 <= bytes.count else { throw MalformedPayload("STATE payload is cut") }
            let keyEnd = offset + 8 + Int(bytes.integer(UInt16.self, at: offset))
            let isRemoval = bytes[offset + 2] == 1
            let valueEnd = keyEnd + Int(bytes.integer(UInt32.self, at: offset + 4))
            guard valueEnd <= bytes.count else { throw MalformedPayload("STATE payload is cut") }
            let key = String(decoding: bytes[offset + 8..<keyEnd], as: UTF8.self)
            result.append(StateChange(key: key, value: isRemoval ? nil : [UInt8](bytes[keyEnd..<valueEnd])))
            offset = valueEnd
        }
        guard offset == bytes.count else { throw MalformedPayload("STATE payload lengths do not add up") }
        return result
    }
}

extension BatchOrigin {
    static let fixedLength = 20
    /// With texts as long as their lengths can say.
    static let maximumLength = (fixedLength + 2 * Int(UInt8.max) + 7) & ~7

    func encode(count: Int, into out: inout [UInt8], start: Int) {
        out.append(littleEndian: UInt32(count))
        out.append(littleEndian: UInt32(number))
        out.append(littleEndian: fetchedAt.milliseconds)
        out.append(UInt8(runID.utf8.count))
        out.append(UInt8(source.utf8.count))
        out.append(littleEndian: UInt16(0))
        out.append(contentsOf: runID.utf8)
        out.append(contentsOf: source.utf8)
        out.padToEight(from: start)
    }

    static func encodedLength(_ bytes: UnsafeRawBufferPointer) -> Int {
        (fixedLength + Int(bytes[16]) + Int(bytes[17]) + 7) & ~7
    }

    /// From a payload's head, whose length has been checked.
    init(decoding bytes: UnsafeRawBufferPointer) {
        let source = Self.fixedLength + Int(bytes[16])
        self.init(
            runID: String(decoding: bytes[Self.fixedLength..<source], as: UTF8.self),
            number: Int(bytes.integer(UInt32.self, at: 4)),
            source: String(decoding: bytes[source..<source + Int(bytes[17])], as: UTF8.self),
            fetchedAt: Timestamp(milliseconds: bytes.integer(Int64.self, at: 8))
        )
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
