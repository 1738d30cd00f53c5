import Glibc

/// The place of the first newline from `start` on.
@inline(__always)
func firstNewline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress, let found = memchr(base + start, 0x0A, bytes.count - start) else { return nil }
    return UnsafeRawPointer(found) - base
}

/// How many newlines there are.
func countNewlines(in bytes: UnsafeRawBufferPointer) -> Int {
    var count = 0
    for byte in bytes { count &+= byte == 0x0A ? 1 : 0 }
    return count
}

/// Where `pattern`, which is not empty, first begins.
func firstPlace(of pattern: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    var position = start
    while position + pattern.count <= bytes.count {
        guard let found = memchr(base + position, Int32(pattern[0]), bytes.count - pattern.count + 1 - position) else { return nil }
        position = UnsafeRawPointer(found) - base
        if memcmp(found, pattern.baseAddress!, pattern.count) == 0 { return position }
        position += 1
    }
    return nil
}
