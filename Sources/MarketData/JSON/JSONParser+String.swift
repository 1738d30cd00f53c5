extension JSONParser {
    /// Checks the string whose opening quote is at `index` and adds its node.
    ///
    /// - Returns: the node's index.
    mutating func parseString() throws(Fault) -> Int {
        let start = index
        var hasEscapes = false
        index += 1
        while true {
            index = JSONText.plainEnd(bytes, from: index)
            guard index < bytes.count else { throw fault(.unexpectedEnd) }
            let byte = bytes[index]
            if byte == ASCII.quote { break }
            if byte == ASCII.backslash {
                hasEscapes = true
                try checkEscape()
            } else if byte < 0x20 {
                throw fault(.controlCharacter)
            } else {
                let length = UTF8Text.sequenceLength(bytes, at: index)
                guard length > 0 else { throw fault(.invalidUTF8) }
                index += length
            }
        }
        index += 1
        try add(.string, from: start, hasEscapes: hasEscapes)
        return nodes.count - 1
    }

    /// Moves past one escape sequence, or a pair of them for a scalar above U+FFFF.
    private mutating func checkEscape() throws(Fault) {
        let start = index
        guard index + 1 < bytes.count else { throw Fault(reason: .unexpectedEnd, offset: bytes.count) }
        guard bytes[index + 1] == UInt8(ascii: "u") else {
            guard JSONString.shortEscape(bytes[index + 1]) != nil else { throw fault(.invalidEscape) }
            index += 2
            return
        }
        let unit = try checkUnit(of: start)
        guard unit & 0xF800 == 0xD800 else { return }
        // A high surrogate needs its low one right behind it; a low one alone is nothing.
        guard unit < 0xDC00 else { throw Fault(reason: .invalidEscape, offset: start) }
        for expected in [ASCII.backslash, UInt8(ascii: "u")] {
            guard index < bytes.count else { throw fault(.unexpectedEnd) }
            guard bytes[index] == expected else { throw Fault(reason: .invalidEscape, offset: start) }
            index += 1
        }
        index -= 2
        guard try checkUnit(of: start) & 0xFC00 == 0xDC00 else { throw Fault(reason: .invalidEscape, offset: start) }
    }

    /// Moves past `\uXXXX` and gives its number.
    private mutating func checkUnit(of escape: Int) throws(Fault) -> UInt32 {
        index += 2
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard index < bytes.count else { throw fault(.unexpectedEnd) }
            guard let digit = Hexadecimal.value(bytes[index]) else {
                throw Fault(reason: .invalidEscape, offset: escape)
            }
            unit = unit << 4 | UInt32(digit)
            index += 1
        }
        return unit
    }
}
