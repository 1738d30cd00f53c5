/// Finds the salt of a log file whose header is damaged.
///
/// A CRC is linear in its start value: from one record header and its CRC the start value, which is the salt, can be computed.
/// Whether it is the right one tells the payload's CRC.
enum LogSalt {
    /// - Parameter header: The 40 bytes of a record.
    /// - Returns: nil when the bytes do not begin like a record.
    static func solve(_ header: UnsafeRawBufferPointer) -> UInt32? {
        guard header.count >= LogFormat.recordHeaderLength, header.integer(UInt32.self, at: 0) == LogFormat.recordMagic else { return nil }
        let covered = header.slice(0..<36)
        let zero = crc32(covered, seed: 0)
        // What each bit of the salt changes in the CRC, with the bit itself.
        var basis: [(change: UInt32, bit: UInt32)] = []
        for place in 0..<32 {
            let bit = UInt32(1) << UInt32(place)
            let (change, bits) = reduce((crc32(covered, seed: bit) ^ zero, bit), by: basis)
            if change != 0 { basis.append((change, bits)) }
        }
        let (rest, salt) = reduce((header.integer(UInt32.self, at: 36) ^ zero, 0), by: basis)
        return rest == 0 ? salt : nil
    }

    /// Takes out of `value` everything that the basis can make, each entry by its highest bit.
    private static func reduce(_ value: (UInt32, UInt32), by basis: [(change: UInt32, bit: UInt32)]) -> (UInt32, UInt32) {
        var value = value
        for entry in basis.sorted(by: { $0.change > $1.change }) where value.0 & (1 << UInt32(31 - entry.change.leadingZeroBitCount)) != 0 {
            value = (value.0 ^ entry.change, value.1 ^ entry.bit)
        }
        return value
    }
}
