/// Reads one log file record by record and says where it stops making sense; what that means is `LogRecovery`'s business.
struct LogFileReader {
    let file: any File
    let path: String
    let header: LogFileHeader
    let size: Int
    /// Where the next record begins.
    private(set) var offset = LogFormat.fileHeaderLength
    /// The LSN the next record must have.
    private(set) var expectedLSN: UInt64

    enum Step {
        /// An intact record; its payload, and the payload's offset in the file.
        case record(LogRecordHeader, payload: [UInt8], at: Int)
        /// Nothing but zeros where a record could begin, or the end of the file.
        case end
        /// Bytes that are no record.
        case bad
    }

    init(file: any File, path: String) throws(StoreError) {
        self.file = file
        self.path = path
        size = try storing { () throws(FileError) in try file.status().size }
        let head = try file.bytes(at: 0, count: LogFormat.fileHeaderLength)
        header = try head.span.withUnsafeBytes { bytes throws(StoreError) in try LogFileHeader(decoding: bytes, path: path) }
        expectedLSN = header.firstLSN
    }

    mutating func next() throws(StoreError) -> Step {
        let head = try file.bytes(at: offset, count: LogFormat.recordHeaderLength)
        if head.allSatisfy({ $0 == 0 }) { return .end }
        guard let record = head.withUnsafeBytes({ LogRecordHeader(decoding: $0, salt: header.salt) }), record.lsn == expectedLSN else {
            return .bad
        }
        let start = offset + LogFormat.recordHeaderLength
        let padded = record.paddedLength
        guard start + padded <= size else { return .bad }
        var payload = try file.bytes(at: start, count: padded)
        guard payload.count == padded, payload.withUnsafeBytes({ crc32($0, seed: header.salt) }) == record.payloadCRC else { return .bad }
        payload.removeLast(padded - record.payloadLength)
        offset = start + padded
        expectedLSN += 1
        return .record(record, payload: payload, at: start)
    }

    /// The highest durable LSN that any intact header from the current offset on states, and whether any byte there is not zero.
    ///
    /// Looks at every multiple of eight, because the lengths up to here cannot be trusted.
    func survey() throws(StoreError) -> (durableLSN: UInt64, hasBytes: Bool) {
        var durable: UInt64 = 0
        var hasBytes = false
        var position = offset
        let overlap = LogFormat.recordHeaderLength - 8
        while position < size {
            let chunk = try file.bytes(at: position, count: min(1 << 20, size - position))
            if chunk.isEmpty { break }
            chunk.withUnsafeBytes { bytes in
                var at = 0
                while at + LogFormat.recordHeaderLength <= bytes.count {
                    if bytes.integer(UInt32.self, at: at) == LogFormat.recordMagic,
                        let record = LogRecordHeader(decoding: bytes.slice(at..<bytes.count), salt: header.salt)
                    {
                        durable = max(durable, record.durableLSN)
                    }
                    at += 8
                }
                if !hasBytes { hasBytes = bytes.contains { $0 != 0 } }
            }
            if position + chunk.count >= size { break }
            position += chunk.count - overlap
        }
        return (durable, hasBytes)
    }
}

extension File {
    /// Up to `count` bytes from `offset`; fewer at the end of the file.
    func bytes(at offset: Int, count: Int) throws(StoreError) -> [UInt8] {
        try storing { () throws(FileError) in
            try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized throws(FileError) in
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            }
        }
    }
}
