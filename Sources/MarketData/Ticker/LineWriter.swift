/// Puts the parts of a line one behind the other into memory that was reserved for all of them.
///
/// Every write is checked against the reservation: a wrong sum stops the program instead of spilling over.
struct LineWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= buffer.count - count, "the reservation is too small")
        guard let source = bytes.baseAddress, let target = buffer.baseAddress else { return }
        (target + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        precondition(count < buffer.count, "the reservation is too small")
        buffer[count] = byte
        count += 1
    }

    /// A canonical literal, or null for none.
    mutating func putNumber(_ literal: Span<UInt8>) {
        if literal.isEmpty {
            put("null")
        } else {
            literal.withUnsafeBufferPointer { put($0) }
        }
    }

    /// A JSON string. ASCII that stands for itself is copied; anything else takes the longer way.
    mutating func putEscaped(_ text: Span<UInt8>) {
        text.withUnsafeBufferPointer { bytes in
            if JSONText.plainEnd(bytes, from: 0) == bytes.count {
                put(ASCII.quote)
                put(bytes)
                put(ASCII.quote)
            } else {
                var escaped: [UInt8] = []
                JSONText.appendEscaped(bytes, to: &escaped)
                escaped.withUnsafeBufferPointer { put($0) }
            }
        }
    }

    mutating func put(_ timestamp: Timestamp) {
        timestamp.withText { text in text.withUnsafeBufferPointer { put($0) } }
    }
}
