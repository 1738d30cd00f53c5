/// The first 64 bytes of a log file.
struct LogFileHeader: Equatable {
    var storeID: StoreID
    var firstLSN: UInt64
    /// Random; seeds both CRCs of every record, so that bytes of another file are never taken for records of this one.
    var salt: UInt32
    /// Milliseconds since 1970; for people.
    var created: Int64

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(LogFormat.fileHeaderLength)
        bytes.append(littleEndian: LogFormat.fileMagic)
        bytes.append(littleEndian: LogFormat.version)
        bytes.append(littleEndian: UInt16(0))
        bytes.append(littleEndian: salt)
        bytes.append(littleEndian: storeID.high)
        bytes.append(littleEndian: storeID.low)
        bytes.append(littleEndian: firstLSN)
        bytes.append(littleEndian: created)
        bytes.append(littleEndian: UInt64(0))
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: bytes.withUnsafeBytes { crc32($0) })
        return bytes
    }

    /// - Throws: why these bytes are not a header this program can read.
    init(decoding bytes: UnsafeRawBufferPointer, path: String) throws(StoreError) {
        guard bytes.count >= LogFormat.fileHeaderLength else {
            throw .corrupt(path, offset: 0, "the file is only \(bytes.count) bytes long; its 64-byte header is cut. \(LogRecovery.advice)")
        }
        let covered = bytes.slice(0..<60)
        guard bytes.integer(UInt64.self, at: 0) == LogFormat.fileMagic, bytes.integer(UInt32.self, at: 60) == crc32(covered) else {
            throw .corrupt(path, offset: 0, "the file header is damaged. \(LogRecovery.advice)")
        }
        let version = bytes.integer(UInt16.self, at: 8)
        guard version == LogFormat.version else {
            throw StoreError(.newerFormat, "\(path): log format \(version) was written by a newer kasparro; this one reads \(LogFormat.version)")
        }
        guard bytes.integer(UInt64.self, at: 32) >= 1 else {
            throw .corrupt(path, offset: 32, "the file header has no first record number. \(LogRecovery.advice)")
        }
        self.init(
            storeID: StoreID(high: bytes.integer(UInt64.self, at: 16), low: bytes.integer(UInt64.self, at: 24)),
            firstLSN: bytes.integer(UInt64.self, at: 32),
            salt: bytes.integer(UInt32.self, at: 12),
            created: bytes.integer(Int64.self, at: 40)
        )
    }

    init(storeID: StoreID, firstLSN: UInt64, salt: UInt32, created: Int64) {
        self.storeID = storeID
        self.firstLSN = firstLSN
        self.salt = salt
        self.created = created
    }
}
