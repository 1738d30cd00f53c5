/// Order-preserving keys of decimal literals, eight bytes each (`FORMAT.md`, Index).
///
/// | bits of a number ≥ 0 | |
/// |---|---|
/// | 63 | 1 |
/// | 55–62 | the power of ten of the first digit, plus 128; 0 for zero |
/// | 1–54 | the first 16 digits; 0 for zero |
/// | 0 | whether any digit behind them is not 0 |
///
/// A negative number is the complement of its absolute value, null is 0. Of two numbers with different keys the one with
/// the smaller key is smaller. Equal keys are equal numbers where the key is exact; others are settled by `DecimalLiteral.compare`.
enum NumberKey {
    static let null: UInt64 = 0
    static let zero: UInt64 = 1 << 63
    private static let digits = 16

    /// The key of a canonical literal of at most 64 bytes, or of `null`. Other bytes give a meaningless key, safely.
    static func encode(_ literal: Span<UInt8>) -> UInt64 {
        literal.withUnsafeBufferPointer { encode($0) }
    }

    private static func encode(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard let first = bytes.first, first != UInt8(ascii: "n") else { return null }
        let isNegative = first == UInt8(ascii: "-")
        var mantissa: UInt64 = 0
        var taken = 0
        // Digits before the point, or minus the zeros between the point and the first digit.
        var scale = 0
        var isFraction = false
        var rest: UInt64 = 0
        for byte in bytes.dropFirst(isNegative ? 1 : 0) {
            if byte == UInt8(ascii: ".") {
                isFraction = true
                continue
            }
            let digit = UInt64((byte &- 0x30) & 0x0F)
            if taken == 0 && digit == 0 {
                if isFraction { scale -= 1 }
                continue
            }
            if !isFraction { scale += 1 }
            if taken < digits {
                mantissa = mantissa &* 10 &+ digit
                taken += 1
            } else {
                rest |= digit
            }
        }
        if taken == 0 { return zero }
        for _ in taken..<digits { mantissa = mantissa &* 10 }
        // A literal has at most 64 characters, so this never leaves eight bits; the bounds are for other bytes.
        let exponent = UInt64(min(max(scale - 1 + 128, 1), 255))
        let key = zero | exponent << 55 | (mantissa & (1 << 54 - 1)) << 1 | (rest == 0 ? 0 : 1)
        return isNegative ? ~key : key
    }

    /// Whether a key says everything of its number. Null is exact.
    @inline(__always)
    static func isExact(_ key: UInt64) -> Bool { key & 1 != key >> 63 || key == null }

    // MARK: Indexes of version 1

    /// The key as it was in indexes of version 1: the power in bits 54–61, the digits in bits 0–53, nothing about the rest.
    static func firstForm(_ key: UInt64) -> UInt64 {
        if key == null { return key }
        return key >> 63 == 1 ? zero | (key & ~zero) >> 1 : ~(zero | (~key & ~zero) >> 1)
    }

    /// The key for one of version 1, which does not say whether digits follow: it is never exact, but for null and zero.
    @inline(__always)
    static func fromFirstForm(_ key: UInt64) -> UInt64 {
        if key == null || key == zero { return key }
        return key >> 63 == 1 ? zero | key << 1 | 1 : ~(zero | ~key << 1 | 1)
    }
}
