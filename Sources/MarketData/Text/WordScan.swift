/// Looking at eight bytes at a time inside one 64-bit word ("SIMD within a register").
///
/// Every mask has bit 7 of each matching byte set and nothing else, in little-endian order, so
/// `trailingZeroBitCount / 8` is the position of the first match. The usual shorter test for a zero byte may also
/// mark the bytes after a match; the form used here is exact, and costs one operation more.
enum WordScan {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highBits: UInt64 = 0x8080_8080_8080_8080
    static let lowBits: UInt64 = 0x7F7F_7F7F_7F7F_7F7F

    /// The eight bytes at `index`, first byte lowest. The caller has checked `index + 8 <= bytes.count`.
    @inline(__always)
    static func load(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt64 {
        let place = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + index)
        return UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
    }

    /// `byte` in each of the eight places.
    @inline(__always)
    static func spread(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

    /// Marks the bytes of `word` equal to the byte spread out in `needle`.
    @inline(__always)
    static func matches(_ word: UInt64, _ needle: UInt64) -> UInt64 {
        let difference = word ^ needle
        return ~(((difference & lowBits) &+ lowBits) | difference | lowBits)
    }

    /// Marks the bytes of `word` below `limit` (at most 0x80); bytes from 0x80 up are never marked.
    @inline(__always)
    static func below(_ word: UInt64, _ limit: UInt8) -> UInt64 {
        ~((word & lowBits) &+ spread(0x80 &- limit)) & ~word & highBits
    }

    /// The position of the first marked byte.
    @inline(__always)
    static func first(_ mask: UInt64) -> Int { mask.trailingZeroBitCount >> 3 }
}
