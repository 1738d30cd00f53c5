/// DELETE: the quarantined records that a batch takes out.
///
/// | bytes | field |
/// |---|---|
/// | 4, 4 | ids n, 0 |
/// | 16 n | the ids, two words each, high one first |
enum DeletePayload {
    private static let fixedLength = 8

    static func encode(_ ids: [RecordDigest], into out: inout [UInt8]) {
        out.append(littleEndian: UInt32(ids.count))
        out.append(littleEndian: UInt32(0))
        for id in ids {
            out.append(littleEndian: id.high)
            out.append(littleEndian: id.low)
        }
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedPayload) -> [RecordDigest] {
        guard bytes.count >= fixedLength, bytes.count == fixedLength + 16 * Int(bytes.integer(UInt32.self, at: 0)) else {
            throw MalformedPayload("DELETE payload lengths do not add up")
        }
        return stride(from: fixedLength, to: bytes.count, by: 16).map { at in
            RecordDigest(high: bytes.integer(UInt64.self, at: at), low: bytes.integer(UInt64.self, at: at + 8))
        }
    }
}
