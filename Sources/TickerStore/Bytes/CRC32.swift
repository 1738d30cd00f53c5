import CZlib

/// zlib's CRC-32, which is in every zlib and fast enough (GB/s) that a second polynomial would buy nothing.
///
/// - Parameter seed: a start value; the log uses its file's salt, so that bytes of an older file never pass.
func crc32(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
    var result = uLong(seed)
    var rest = bytes
    // zlib counts in 32 bits.
    while !rest.isEmpty {
        let piece = Swift.min(rest.count, 1 << 30)
        result = CZlib.crc32(result, rest.baseAddress!.assumingMemoryBound(to: Bytef.self), uInt(piece))
        rest = UnsafeRawBufferPointer(rebasing: rest[piece...])
    }
    return UInt32(truncatingIfNeeded: result)
}

/// The CRC of two stretches of bytes from the CRCs of each.
///
/// - Parameter secondLength: Bytes of the second stretch.
func combineCRC(_ first: UInt32, _ second: UInt32, secondLength: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(uLong(first), uLong(second), secondLength))
}
