/// The text of JSON strings that `JSONParser` has found well-formed.
enum JSONString {
    /// Appends the text between two quotes with its escape sequences undone.
    static func appendDecoded(_ content: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        var copied = 0
        var index = 0
        while index < content.count {
            guard content[index] == ASCII.backslash else {
                index += 1
                continue
            }
            out.append(contentsOf: content[copied..<index])
            if let byte = shortEscape(content[index + 1]) {
                out.append(byte)
                index += 2
            } else {
                var scalar = unit(content, at: index)
                index += 6
                if scalar & 0xFC00 == 0xD800 {
                    scalar = 0x1_0000 + (scalar & 0x3FF) << 10 + unit(content, at: index) & 0x3FF
                    index += 6
                }
                UTF8Text.append(scalar, to: &out)
            }
            copied = index
        }
        out.append(contentsOf: content[copied..<content.count])
    }

    /// The byte that a one-letter escape stands for, or nil when there is no such escape.
    static func shortEscape(_ letter: UInt8) -> UInt8? {
        switch letter {
        case ASCII.quote, ASCII.backslash, ASCII.slash: return letter
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return ASCII.lineFeed
        case UInt8(ascii: "r"): return ASCII.carriageReturn
        case UInt8(ascii: "t"): return ASCII.tab
        default: return nil
        }
    }

    /// The number of the `\uXXXX` at `index`.
    private static func unit(_ content: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt32 {
        var value: UInt32 = 0
        for offset in 2..<6 { value = value << 4 | UInt32(Hexadecimal.value(content[index + offset]) ?? 0) }
        return value
    }
}
