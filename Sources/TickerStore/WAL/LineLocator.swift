/// Where a line lies: the log file's number in this process, and the byte offset in it.
struct LineLocator: Hashable, Sendable {
    var packed: UInt64

    @inline(__always)
    init(file: Int, offset: Int) {
        packed = UInt64(file) << 40 | UInt64(offset)
    }

    @inline(__always)
    init(packed: UInt64) { self.packed = packed }

    var file: Int { Int(packed >> 40) }
    var offset: Int { Int(packed & 0xFF_FFFF_FFFF) }
}
