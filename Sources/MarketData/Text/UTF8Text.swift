/// Reading UTF-8 one scalar at a time, by the table of well-formed sequences (Unicode 16.0, table 3-7; RFC 3629).
enum UTF8Text {
    /// The length of the well-formed sequence that starts at `index`, or 0 where there is none: a stray or missing
    /// continuation byte, an overlong form, a surrogate, or a value above U+10FFFF.
    static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let lead = bytes[index]
        if lead < 0x80 { return 1 }
        let left = bytes.count - index
        guard lead >= 0xC2, left >= 2 else { return 0 }
        let second = bytes[index + 1]
        if lead < 0xE0 { return isContinuation(second) ? 2 : 0 }
        guard secondRange(after: lead).contains(second), left >= 3, isContinuation(bytes[index + 2]) else { return 0 }
        if lead < 0xF0 { return 3 }
        return left >= 4 && isContinuation(bytes[index + 3]) ? 4 : 0
    }

    /// The scalar of a sequence that `sequenceLength` found well-formed.
    static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int, length: Int) -> UInt32 {
        let lead = UInt32(bytes[index])
        func tail(_ offset: Int) -> UInt32 { UInt32(bytes[index + offset] & 0x3F) }
        switch length {
        case 1: return lead
        case 2: return (lead & 0x1F) << 6 | tail(1)
        case 3: return (lead & 0x0F) << 12 | tail(1) << 6 | tail(2)
        default: return (lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3)
        }
    }

    /// Appends a scalar value (never a surrogate, at most U+10FFFF) as UTF-8.
    static func append(_ scalar: UInt32, to out: inout [UInt8]) {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: scalar >> shift & 0x3F | 0x80) }
        switch scalar {
        case 0..<0x80:
            out.append(UInt8(scalar))
        case 0x80..<0x800:
            out.append(UInt8(0xC0 | scalar >> 6))
            out.append(tail(0))
        case 0x800..<0x1_0000:
            out.append(UInt8(0xE0 | scalar >> 12))
            out.append(tail(6))
            out.append(tail(0))
        default:
            out.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
            out.append(tail(12))
            out.append(tail(6))
            out.append(tail(0))
        }
    }

    /// How many bytes one U+FFFD stands for at `index`, where no well-formed sequence starts: the longest start of
    /// one, else a single byte ("substitution of maximal subparts", Unicode 16.0 section 3.9).
    static func ill(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let lead = bytes[index]
        let left = bytes.count - index
        guard lead >= 0xE0, lead <= 0xF4, left >= 2, secondRange(after: lead).contains(bytes[index + 1]) else {
            return 1
        }
        guard lead >= 0xF0, left >= 3, isContinuation(bytes[index + 2]) else { return 2 }
        return 3
    }

    @inline(__always)
    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    /// The second byte is where overlong forms, surrogates and values above U+10FFFF are told apart.
    private static func secondRange(after lead: UInt8) -> ClosedRange<UInt8> {
        switch lead {
        case 0xE0: return 0xA0...0xBF
        case 0xED: return 0x80...0x9F
        case 0xF0: return 0x90...0xBF
        case 0xF4: return 0x80...0x8F
        case 0xE1...0xF3: return 0x80...0xBF
        default: return 0xFF...0xFF
        }
    }
}
