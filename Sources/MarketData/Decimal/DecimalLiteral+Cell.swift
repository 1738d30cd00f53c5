extension DecimalLiteral {
    /// What a percent sign after a number means for the literal.
    public enum Percent: Sendable, Equatable {
        /// The number counts percent points: `3.60%` is `3.60`, as `percent_change_24h` wants it.
        case keepPoints
        /// The number is a share of one: `3.60%` is `0.0360`.
        case shiftPoint
    }

    /// Reads a number as people and spreadsheets write it and appends its canonical literal.
    ///
    /// On top of `appendCanonical(_:to:)` it takes
    /// * blanks around the number, and between it and the marks beside it;
    /// * thousands groups: `,` with a decimal point; `.`, `'`, `’` or a blank (one kind per number) with a decimal
    ///   comma. Groups have exactly three digits after a first one of one to three that does not start with zero:
    ///   `0,123` is far more likely a decimal comma in the wrong file than the number 123;
    /// * one currency sign before or after: `$`, `£`, `¥`, or one of U+20A0–20CF, where `€`, `₹`, `₩` and `₿` are,
    ///   or `USD` or `US$` in either case; a `USD` behind other letters is another name, as in `5 BUSD`;
    /// * one of `%`, or `K`, `M`, `B`, `T` in either case for 10^3, 10^6, 10^9, 10^12, which move the point exactly.
    ///
    /// Parentheses are not negative numbers here: what they mean differs from file to file.
    ///
    /// - Parameters:
    ///   - cell: the text of a cell, UTF-8.
    ///   - decimalSeparator: `.` or `,`.
    ///   - percent: what `%` means.
    ///   - out: where the literal is appended; unchanged when this throws.
    /// - Returns: the sign of the value.
    /// - Throws: `Failure`.
    public static func appendCanonical(
        cell: Span<UInt8>,
        decimalSeparator: UInt8,
        percent: Percent = .keepPoints,
        to out: inout [UInt8]
    ) throws(Failure) -> Sign {
        try cell.withUnsafeBufferPointer { (bytes) throws(Failure) -> Sign in
            if decimalSeparator == ASCII.period, let sign = signIfCanonical(bytes) {
                out.append(contentsOf: bytes)
                return sign
            }
            var reader = DecimalCell(bytes, decimalSeparator: decimalSeparator)
            guard reader.readAll(percent: percent) else { throw .notANumber }
            return try reader.parts.append(to: &out)
        }
    }
}

/// Reads one human-written number from the two ends inwards: marks before it, marks after it, then the digits.
private struct DecimalCell {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let decimalSeparator: UInt8
    private var index: Int
    private var end: Int
    private var hasCurrency = false
    var parts = DecimalParts()

    init(_ bytes: UnsafeBufferPointer<UInt8>, decimalSeparator: UInt8) {
        self.bytes = bytes
        self.decimalSeparator = decimalSeparator
        let range = Blanks.trimmed(bytes)
        index = range.lowerBound
        end = range.upperBound
    }

    mutating func readAll(percent: DecimalLiteral.Percent) -> Bool {
        guard readPrefix() else { return false }
        readSuffix(percent: percent)
        return readNumber() && index == end
    }

    /// Takes a sign and a currency sign in either order; false when a mark comes twice.
    private mutating func readPrefix() -> Bool {
        var hasSign = false
        while index < end {
            if bytes[index] == ASCII.minus || bytes[index] == ASCII.plus {
                if hasSign { return false }
                hasSign = true
                parts.isNegative = bytes[index] == ASCII.minus
                index += 1
            } else if let length = currencyLength(at: index) {
                if hasCurrency { return false }
                hasCurrency = true
                index += length
            } else {
                let blank = Blanks.leading(bytes, index, end)
                if blank == 0 { return true }
                index += blank
            }
        }
        return true
    }

    /// Takes a currency sign and then one scale mark from the right end.
    private mutating func readSuffix(percent: DecimalLiteral.Percent) {
        if !hasCurrency, let length = currencyLengthBeforeEnd() {
            hasCurrency = true
            end -= length
            trimEnd()
        }
        guard end > index else { return }
        switch bytes[end - 1] {
        // No share is an amount of money: the mark stays, and the text is no number.
        case ASCII.percent where hasCurrency: return
        case ASCII.percent: parts.shiftPoint(left: percent == .shiftPoint ? 2 : 0)
        case UInt8(ascii: "K"), UInt8(ascii: "k"): parts.shiftPoint(left: -3)
        case UInt8(ascii: "M"), UInt8(ascii: "m"): parts.shiftPoint(left: -6)
        case UInt8(ascii: "B"), UInt8(ascii: "b"): parts.shiftPoint(left: -9)
        case UInt8(ascii: "T"), UInt8(ascii: "t"): parts.shiftPoint(left: -12)
        default: return
        }
        end -= 1
        trimEnd()
    }

    private mutating func trimEnd() {
        while end > index {
            let blank = Blanks.trailing(bytes, index, end)
            if blank == 0 { return }
            end -= blank
        }
    }

    /// Takes the digits, their groups, the fraction and the exponent.
    private mutating func readNumber() -> Bool {
        let firstDigit = index
        var inGroup = readDigits()
        var seen = inGroup
        var separatorLength = groupSeparatorLength(at: index)
        if separatorLength > 0 {
            guard (1...3).contains(inGroup), bytes[firstDigit] != ASCII.zero else { return false }
            let separator = index
            repeat {
                guard sameSeparator(index, separator, separatorLength) else { return false }
                index += separatorLength
                inGroup = readDigits()
                guard inGroup == 3 else { return false }
                separatorLength = groupSeparatorLength(at: index)
            } while separatorLength > 0
        }
        if index < end, bytes[index] == decimalSeparator {
            index += 1
            let fraction = readDigits()
            seen += fraction
            parts.shiftPoint(left: fraction)
        }
        guard seen > 0 else { return false }
        index = parts.readExponent(UnsafeBufferPointer(rebasing: bytes[..<end]), from: index)
        return true
    }

    private mutating func readDigits() -> Int {
        let start = index
        while index < end, ASCII.isDigit(bytes[index]) {
            parts.append(digit: bytes[index])
            index += 1
        }
        return index - start
    }

    /// The length of the thousands separator at `index`, or 0.
    private func groupSeparatorLength(at index: Int) -> Int {
        guard index < end else { return 0 }
        if decimalSeparator != ASCII.comma { return bytes[index] == ASCII.comma ? 1 : 0 }
        if bytes[index] == ASCII.period || bytes[index] == ASCII.apostrophe { return 1 }
        let isTypographicApostrophe =
            end - index >= 3 && bytes[index] == 0xE2 && bytes[index + 1] == 0x80 && bytes[index + 2] == 0x99
        return isTypographicApostrophe ? 3 : Blanks.leading(bytes, index, end)
    }

    private func sameSeparator(_ a: Int, _ b: Int, _ length: Int) -> Bool {
        length == groupSeparatorLength(at: b) && bytes[a..<a + length].elementsEqual(bytes[b..<b + length])
    }

    /// The length of the currency sign at `index`, or nil: `$`, `£`, `¥` and the block U+20A0–20CF.
    private func currencyLength(at index: Int) -> Int? {
        let left = end - index
        if left >= 1, bytes[index] == UInt8(ascii: "$") { return 1 }
        if left >= 3, isDollarCode(at: index) { return 3 }
        if left >= 2, bytes[index] == 0xC2, bytes[index + 1] == 0xA3 || bytes[index + 1] == 0xA5 { return 2 }
        guard left >= 3, bytes[index] == 0xE2 else { return nil }
        let isFirstHalf = bytes[index + 1] == 0x82 && bytes[index + 2] >= 0xA0
        let isSecondHalf = bytes[index + 1] == 0x83 && bytes[index + 2] <= 0x8F
        return isFirstHalf || isSecondHalf ? 3 : nil
    }

    private func isDollarCode(at index: Int) -> Bool {
        guard bytes[index] | 0x20 == UInt8(ascii: "u"), bytes[index + 1] | 0x20 == UInt8(ascii: "s") else { return false }
        return bytes[index + 2] | 0x20 == UInt8(ascii: "d") || bytes[index + 2] == UInt8(ascii: "$")
    }

    private func currencyLengthBeforeEnd() -> Int? {
        for length in stride(from: min(3, end - index), through: 1, by: -1) {
            // `5 BUSD` is no number of dollars; behind a sign of more than one byte any letter is a suffix, as in `1.2M€`.
            if length == 3, bytes[end - 3] < 0x80, end - index > 3, ASCII.isLetter(bytes[end - 4]) { continue }
            if currencyLength(at: end - length) == length { return length }
        }
        return nil
    }
}
