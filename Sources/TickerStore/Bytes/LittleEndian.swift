/// Little-endian fields in byte arrays, as the file formats need them.
extension [UInt8] {
    @inline(__always)
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Many of them at once: looking for room for each by itself would take longer than the copy.
    mutating func append(littleEndian values: [some FixedWidthInteger & BitwiseCopyable]) {
        values.map { $0.littleEndian }.withUnsafeBytes { append(contentsOf: $0) }
    }

    /// Overwrites the bytes at `offset`.
    @inline(__always)
    mutating func store(_ value: some FixedWidthInteger, at offset: Int) {
        precondition(offset >= 0 && offset + value.bitWidth / 8 <= count)
        Swift.withUnsafeBytes(of: value.littleEndian) { source in
            withUnsafeMutableBytes { $0.baseAddress!.advanced(by: offset).copyMemory(from: source.baseAddress!, byteCount: source.count) }
        }
    }

    /// Zeros up to the next multiple of eight.
    mutating func padToEight(from start: Int) {
        while (count - start) % 8 != 0 { append(0) }
    }
}

extension UnsafeRawBufferPointer {
    /// An integer at any offset. The caller has checked the bounds; a mistake there traps, it does not read on.
    @inline(__always)
    func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
        T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// A part of the buffer, addressed from zero.
    @inline(__always)
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }
}
