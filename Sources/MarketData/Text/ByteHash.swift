/// A fast 64-bit hash of byte strings for tables in memory, never for anything stored.
///
/// Eight bytes at a time go through a full 64 × 64 bit multiplication whose halves are folded together (the step of
/// Wang Yi's wyhash). The seed differs from process to process, so that input cannot be made to collide.
enum ByteHash {
    static let seed = UInt64.random(in: .min ... .max)

    @inline(__always)
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt64 {
        let count = bytes.count
        var state = seed ^ UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        while index &+ 8 <= count {
            state = fold(state ^ WordScan.load(bytes, at: index), 0xE703_7ED1_A0B4_28DB)
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < count {
            rest = rest << 8 | UInt64(bytes[index])
            index &+= 1
        }
        return fold(state ^ rest, 0x8EBC_6AF0_9C88_C6E3 ^ seed)
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
