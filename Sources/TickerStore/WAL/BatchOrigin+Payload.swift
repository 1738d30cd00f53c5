import MarketData

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
