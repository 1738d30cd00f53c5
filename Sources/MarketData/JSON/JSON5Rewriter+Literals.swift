/// Words, numbers and strings.
extension JSON5Rewriter {
    /// Letters, digits and what else people write into words; which of them may stand without quotes is decided when the word is whole.
    static func isWordByte(_ byte: UInt8) -> Bool {
        ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte == ASCII.backslash
            || byte >= 0x80
    }

    /// Some blanks begin with a byte that letters begin with too.
    private var continuesWord: Bool { Self.isWordByte(bytes[index]) && blankLength(at: index) == 0 }

    /// A key without quotes, or `true`, `false`, `null`.
    mutating func rewriteWord() throws(Fault) {
        let start = index
        while index < bytes.count, continuesWord || bytes[index] == ASCII.minus || bytes[index] == ASCII.period { index += 1 }
        let word = bytes[start..<index]
        if try isBeforeColon() {
            let isPlain = word.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "$") }
            guard isPlain else {
                throw Fault(offset: start, message: "a key with other characters than letters, digits, _ and $ must stand in quotes")
            }
            output.append(ASCII.quote)
            output.append(contentsOf: word)
            output.append(ASCII.quote)
            return
        }
        switch String(decoding: word, as: UTF8.self) {
        case "true", "false", "null": output.append(contentsOf: word)
        case "NaN", "Infinity": throw Fault(offset: start, message: "NaN and Infinity are no values here")
        default: throw Fault(offset: start, message: "this is neither true, false nor null; text must stand in quotes")
        }
    }

    private func isBeforeColon() throws(Fault) -> Bool {
        let next = try blanksEnd(from: index)
        return next < bytes.count && bytes[next] == ASCII.colon
    }

    /// Numbers lose a leading `+` and get digits on both sides of the point.
    mutating func rewriteNumber() throws(Fault) {
        let start = index
        if bytes[index] == ASCII.plus || bytes[index] == ASCII.minus {
            if bytes[index] == ASCII.minus { output.append(ASCII.minus) }
            index += 1
        }
        if index < bytes.count, ASCII.isLetter(bytes[index]) {
            throw Fault(offset: start, message: "this is no number; NaN and Infinity are no values here")
        }
        if index + 1 < bytes.count, bytes[index] == ASCII.zero, bytes[index + 1] | 0x20 == UInt8(ascii: "x") {
            throw Fault(offset: start, message: "hexadecimal numbers are not understood; write it in decimal")
        }
        let whole = digits()
        output.append(contentsOf: whole.isEmpty ? [ASCII.zero] : Array(whole))
        var fraction = bytes[index..<index]
        if index < bytes.count, bytes[index] == ASCII.period {
            index += 1
            fraction = digits()
            if !fraction.isEmpty {
                output.append(ASCII.period)
                output.append(contentsOf: fraction)
            }
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw Fault(offset: start, message: "this is no number") }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            output.append(UInt8(ascii: "e"))
            index += 1
            if index < bytes.count, bytes[index] == ASCII.plus || bytes[index] == ASCII.minus {
                output.append(bytes[index])
                index += 1
            }
            output.append(contentsOf: digits())
        }
        if index < bytes.count, continuesWord || [ASCII.plus, ASCII.minus, ASCII.period].contains(bytes[index]) {
            throw Fault(offset: start, message: "this is no number; text must stand in quotes")
        }
    }

    private mutating func digits() -> Slice<UnsafeBufferPointer<UInt8>> {
        let start = index
        while index < bytes.count, ASCII.isDigit(bytes[index]) { index += 1 }
        return bytes[start..<index]
    }

    // MARK: Strings

    mutating func rewriteString() throws(Fault) {
        let start = index
        let quote = bytes[index]
        output.append(ASCII.quote)
        index += 1
        while true {
            guard index < bytes.count, bytes[index] != ASCII.lineFeed, bytes[index] != ASCII.carriageReturn else {
                throw Fault(offset: start, message: "this text has no closing quote on its line")
            }
            let byte = bytes[index]
            if byte == quote { break }
            switch byte {
            case ASCII.backslash: try rewriteEscape()
            case ASCII.quote:
                output.append(contentsOf: [ASCII.backslash, ASCII.quote])
                index += 1
                anchor()
            case 0..<0x20:
                appendEscape(byte)
                index += 1
                anchor()
            default:
                output.append(byte)
                index += 1
            }
        }
        output.append(ASCII.quote)
        index += 1
    }

    private mutating func rewriteEscape() throws(Fault) {
        let start = index
        index += 1
        guard index < bytes.count else { throw Fault(offset: start, message: "this escape sequence has no end") }
        let byte = bytes[index]
        let lineEnd = lineEndLength(at: index)
        if lineEnd > 0 {
            // A text that goes on in the next line.
            index += matches([ASCII.carriageReturn, ASCII.lineFeed], at: index) ? 2 : lineEnd
            return anchor()
        }
        index += 1
        switch byte {
        case ASCII.quote, ASCII.backslash, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            output.append(contentsOf: [ASCII.backslash, byte])
        case UInt8(ascii: "u"):
            // The four digits, and what a pair of surrogates must be, are the parser's to check.
            output.append(contentsOf: [ASCII.backslash, byte])
        case UInt8(ascii: "v"): appendEscape(0x0B)
        case UInt8(ascii: "x"):
            guard index + 1 < bytes.count, let high = Hexadecimal.value(bytes[index]),
                let low = Hexadecimal.value(bytes[index + 1])
            else { throw Fault(offset: start, message: "two hexadecimal digits must follow \\x") }
            appendEscape(high << 4 | low)
            index += 2
        case ASCII.zero where index == bytes.count || !ASCII.isDigit(bytes[index]): appendEscape(0)
        case ASCII.zero...ASCII.nine: throw Fault(offset: start, message: "a backslash before a digit is no escape sequence")
        default:
            // Any other character stands for itself; the rest of one that has several bytes follows by itself.
            output.append(byte)
        }
        anchor()
    }

    private mutating func appendEscape(_ scalar: UInt8) {
        output.append(contentsOf: [ASCII.backslash, UInt8(ascii: "u"), ASCII.zero, ASCII.zero])
        Hexadecimal.append(scalar, to: &output)
    }
}
