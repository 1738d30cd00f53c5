import CZlib

/// The CRC of two stretches of bytes from the CRCs of each.
///
/// - Parameter secondLength: Bytes of the second stretch.
func combineCRC(_ first: UInt32, _ second: UInt32, secondLength: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(uLong(first), uLong(second), secondLength))
}
