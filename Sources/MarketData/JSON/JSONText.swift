/// Writing JSON strings.
public enum JSONText {
    /// Appends `text` as a JSON string in quotes (RFC 8259 section 7).
    ///
    /// Only what must be escaped is: quotes, backslashes and control characters, the latter in their short form where
    /// there is one. Bytes that are not UTF-8 become U+FFFD, so the output is valid JSON whatever came in.
    public static func appendEscaped(_ text: Span<UInt8>, to out: inout [UInt8]) {
        text.withUnsafeBufferPointer { appendEscaped($0, to: &out) }
    }

    /// Appends `text` as a JSON string in quotes.
    public static func appendEscaped(_ text: String, to out: inout [UInt8]) {
        var text = text
        text.withUTF8 { appendEscaped($0, to: &out) }
    }

    static func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        out.append(ASCII.quote)
        var copied = 0
        var index = 0
        while true {
            index = plainEnd(text, from: index)
            if index == text.count { break }
            let length = text[index] < 0x80 ? 0 : UTF8Text.sequenceLength(text, at: index)
            if length > 0 {
                index += length
                continue
            }
            out.append(contentsOf: text[copied..<index])
            if text[index] < 0x80 {
                appendEscape(text[index], to: &out)
                index += 1
            } else {
                UTF8Text.append(0xFFFD, to: &out)
                index += UTF8Text.ill(text, at: index)
            }
            copied = index
        }
        out.append(contentsOf: text[copied..<text.count])
        out.append(ASCII.quote)
    }

    /// The index of the first byte from `start` that is not ASCII standing for itself inside a string: a quote, a
    /// backslash, a control character or a byte from 0x80 up; the end when there is none.
    @inline(__always)
    static func plainEnd(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index &+ 8 <= text.count {
            let word = WordScan.load(text, at: index)
            let special =
                WordScan.matches(word, WordScan.spread(ASCII.quote))
                | WordScan.matches(word, WordScan.spread(ASCII.backslash))
                | WordScan.below(word, 0x20)
                | word & WordScan.highBits
            if special != 0 { return index &+ WordScan.first(special) }
            index &+= 8
        }
        while index < text.count {
            let byte = text[index]
            if byte == ASCII.quote || byte == ASCII.backslash || byte < 0x20 || byte >= 0x80 { return index }
            index &+= 1
        }
        return index
    }

    private static func appendEscape(_ byte: UInt8, to out: inout [UInt8]) {
        switch byte {
        case ASCII.quote: out.append(#"\""#)
        case ASCII.backslash: out.append(#"\\"#)
        case 0x08: out.append(#"\b"#)
        case 0x0C: out.append(#"\f"#)
        case ASCII.lineFeed: out.append(#"\n"#)
        case ASCII.carriageReturn: out.append(#"\r"#)
        case ASCII.tab: out.append(#"\t"#)
        default:
            out.append(#"\u00"#)
            Hexadecimal.append(byte, to: &out)
        }
    }
}
