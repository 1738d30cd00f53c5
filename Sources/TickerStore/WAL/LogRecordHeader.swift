/// The 40 bytes before each payload.
///
/// The header has a CRC of its own because the length in it may be the damaged part, and each header says how far
/// the log was known to be on disk when it was written: that is what tells a torn tail from rot (see `LogRecovery`).
struct LogRecordHeader: Equatable {
    /// The record ends a batch.
    static let commitFlag: UInt8 = 1
    /// From where the LSN stands in a header to the payload.
    static let bytesFromLSN = LogFormat.recordHeaderLength - 16

    var type: UInt8
    var flags: UInt8
    /// Bytes of payload, without the zeros that pad it to a multiple of eight.
    var payloadLength: Int
    /// Over payload and padding.
    var payloadCRC: UInt32
    var lsn: UInt64
    /// The highest LSN that was known durable.
    var durableLSN: UInt64

    var isCommit: Bool { flags & Self.commitFlag != 0 }
    /// Payload and padding.
    var paddedLength: Int { (payloadLength + 7) & ~7 }

    /// Writes the header over the 40 bytes at `offset`.
    func encode(into bytes: inout [UInt8], at offset: Int, salt: UInt32) {
        bytes.store(LogFormat.recordMagic, at: offset)
        bytes.store(UInt32(payloadLength), at: offset + 4)
        bytes.store(type, at: offset + 8)
        bytes.store(flags, at: offset + 9)
        bytes.store(UInt16(0), at: offset + 10)
        bytes.store(payloadCRC, at: offset + 12)
        bytes.store(lsn, at: offset + 16)
        bytes.store(durableLSN, at: offset + 24)
        bytes.store(UInt32(0), at: offset + 32)
        let crc = bytes.withUnsafeBytes { crc32($0.slice(offset..<offset + 36), seed: salt) }
        bytes.store(crc, at: offset + 36)
    }

    /// nil when the bytes are not an intact header of a file with this salt.
    init?(decoding bytes: UnsafeRawBufferPointer, salt: UInt32) {
        guard bytes.count >= LogFormat.recordHeaderLength, bytes.integer(UInt32.self, at: 0) == LogFormat.recordMagic else { return nil }
        guard bytes.integer(UInt32.self, at: 36) == crc32(bytes.slice(0..<36), seed: salt) else { return nil }
        let length = Int(bytes.integer(UInt32.self, at: 4))
        guard length <= LogFormat.maximumPayload else { return nil }
        type = bytes[8]
        flags = bytes[9]
        payloadLength = length
        payloadCRC = bytes.integer(UInt32.self, at: 12)
        lsn = bytes.integer(UInt64.self, at: 16)
        durableLSN = bytes.integer(UInt64.self, at: 24)
    }

    init(type: LogRecordType, flags: UInt8, payloadLength: Int, payloadCRC: UInt32, lsn: UInt64, durableLSN: UInt64) {
        self.type = type.rawValue
        self.flags = flags
        self.payloadLength = payloadLength
        self.payloadCRC = payloadCRC
        self.lsn = lsn
        self.durableLSN = durableLSN
    }
}
