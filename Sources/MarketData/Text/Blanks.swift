/// Unicode blanks at the two ends of a text: the White_Space property (PropList.txt) and the two invisible marks
/// that spreadsheets and web pages leave beside values, U+200B and U+FEFF.
enum Blanks {
    /// The range of `bytes` without leading and trailing blanks; empty when there is nothing else.
    @inline(__always)
    static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        // Almost every value starts and ends with a printing ASCII character.
        if let first = bytes.first, let last = bytes.last, first &- 0x21 < 0x5E, last &- 0x21 < 0x5E {
            return 0..<bytes.count
        }
        return search(bytes)
    }

    private static func search(_ bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        var start = 0
        var end = bytes.count
        while start < end {
            let length = leading(bytes, start, end)
            if length == 0 { break }
            start += length
        }
        while end > start {
            let length = trailing(bytes, start, end)
            if length == 0 { break }
            end -= length
        }
        return start..<end
    }

    /// The length of the blank at `start`, or 0.
    static func leading(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        if isBlank(bytes[start]) { return 1 }
        if end - start >= 2, isBlank(bytes[start], bytes[start + 1]) { return 2 }
        if end - start >= 3, isBlank(bytes[start], bytes[start + 1], bytes[start + 2]) { return 3 }
        return 0
    }

    /// The length of the blank that ends at `end`, or 0.
    static func trailing(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        if isBlank(bytes[end - 1]) { return 1 }
        if end - start >= 2, isBlank(bytes[end - 2], bytes[end - 1]) { return 2 }
        if end - start >= 3, isBlank(bytes[end - 3], bytes[end - 2], bytes[end - 1]) { return 3 }
        return 0
    }

    private static func isBlank(_ a: UInt8) -> Bool { a == 0x20 || (a >= 0x09 && a <= 0x0D) }

    /// U+0085 and U+00A0.
    private static func isBlank(_ a: UInt8, _ b: UInt8) -> Bool { a == 0xC2 && (b == 0x85 || b == 0xA0) }

    private static func isBlank(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> Bool {
        switch (a, b) {
        case (0xE1, 0x9A): return c == 0x80  // U+1680
        case (0xE2, 0x80): return c <= 0x8B || c == 0xA8 || c == 0xA9 || c == 0xAF  // U+2000-200B, 2028, 2029, 202F
        case (0xE2, 0x81): return c == 0x9F  // U+205F
        case (0xE3, 0x80): return c == 0x80  // U+3000
        case (0xEF, 0xBB): return c == 0xBF  // U+FEFF
        default: return false
        }
    }
}
