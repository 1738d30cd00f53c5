import HTTPTypes
import MarketData

/// A weak entity tag (RFC 9110 section 8.8.3): equal for two answers that say the same.
///
/// It is made of the bytes of what was said without what is different in each answer, its id and its latency. So it holds across restarts, and
/// rows that came or went elsewhere do not change it. 64 bits that nobody has to guard: whoever makes two pages with one tag fools only himself.
struct EntityTag: Sendable {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var length: UInt64 = 0

    /// Of nothing yet.
    init() {}

    /// Of these bytes alone.
    init(of bytes: some Collection<UInt8>) { add(bytes) }

    /// Takes more bytes in.
    mutating func add(_ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ add(UnsafeRawBufferPointer($0)) }) == nil { Array(bytes).withUnsafeBytes { add($0) } }
    }

    /// Takes more text in.
    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// The tag as it stands in `ETag`.
    var text: String {
        "W/\"\(Hexadecimal.text(Self.mix(state ^ length, 0xE703_7ED1_A0B4_28DB)))\""
    }

    /// Eight bytes at a time, as the multiplying hashes do: a page of 20 KB takes a few microseconds.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset + 8 <= bytes.count {
            state = Self.mix(state ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)), 0xA076_1D64_78BD_642F)
            offset += 8
        }
        var rest: UInt64 = 0
        for byte in bytes[offset...] { rest = rest << 8 | UInt64(byte) }
        // Each piece counts as one, however long: "ab" and "c" are not "a" and "bc".
        state = Self.mix(state ^ rest, 0x8EBC_6AF0_9C88_C6E3 ^ UInt64(bytes.count))
        length &+= UInt64(bytes.count)
    }

    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (high, low) = a.multipliedFullWidth(by: b)
        return high ^ low
    }
}

extension HTTPFields {
    /// Whether `If-None-Match` names the tag, by weak comparison (RFC 9110 section 13.1.2).
    func noneMatchNames(_ tag: String) -> Bool {
        func opaque(_ text: Substring) -> Substring { text.hasPrefix("W/") ? text.dropFirst(2) : text }
        let wanted = opaque(tag[...])
        return self[values: .ifNoneMatch].contains { line in
            line.split(separator: ",").contains { element in
                let text = element.drop { $0 == " " || $0 == "\t" }
                let end = text.lastIndex { $0 != " " && $0 != "\t" }
                let trimmed = end.map { text[...$0] } ?? ""
                return trimmed == "*" || opaque(trimmed) == wanted
            }
        }
    }
}
