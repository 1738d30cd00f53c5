/// A number taken apart: its significant digits and the place of the point, value = ±digits × 10^-scale.
///
/// Nothing here can overflow or grow with the input: digits beyond the longest literal are only counted, and
/// exponents stop growing at a value that no number short enough to be kept can reach.
struct DecimalParts {
    var isNegative = false
    /// The digits from the first one that is not zero, as ASCII; `digitCount` of them, or as many as fit.
    private var digits = InlineArray<64, UInt8>(repeating: 0)
    private(set) var digitCount = 0
    /// How many digits stand after the point; negative when zeros are missing before it.
    private(set) var scale = 0

    /// Beyond any text that fits in memory, and far from the limits of `Int`.
    private static let exponentLimit = 1 << 50

    /// Reads `[sign] digits [. digits] [e exponent]` from the start of `bytes`.
    ///
    /// - Returns: how many bytes belong to the number; 0 when none does.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var index = 0
        if let sign = bytes.first, sign == ASCII.minus || sign == ASCII.plus {
            isNegative = sign == ASCII.minus
            index = 1
        }
        let start = index
        index = readDigits(bytes, from: index)
        var seen = index - start
        if index < bytes.count, bytes[index] == ASCII.period {
            let fraction = index + 1
            index = readDigits(bytes, from: fraction)
            seen += index - fraction
            shiftPoint(left: index - fraction)
        }
        guard seen > 0 else { return 0 }
        return readExponent(bytes, from: index)
    }

    /// Takes digits until something else comes, and gives its index.
    private mutating func readDigits(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, ASCII.isDigit(bytes[index]) {
            append(digit: bytes[index])
            index += 1
        }
        return index
    }

    /// Takes `e`, an optional sign and digits; without a digit the `e` does not belong to the number.
    mutating func readExponent(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        guard index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") else { return start }
        index += 1
        var isNegative = false
        if index < bytes.count, bytes[index] == ASCII.minus || bytes[index] == ASCII.plus {
            isNegative = bytes[index] == ASCII.minus
            index += 1
        }
        let first = index
        var exponent = 0
        while index < bytes.count, ASCII.isDigit(bytes[index]) {
            exponent = min(exponent * 10 + Int(ASCII.digit(bytes[index])), Self.exponentLimit)
            index += 1
        }
        guard index > first else { return start }
        shiftPoint(left: isNegative ? exponent : -exponent)
        return index
    }

    /// Adds one ASCII digit at the right end.
    @inline(__always)
    mutating func append(digit: UInt8) {
        // Zeros before the first significant digit carry no value; after the point they are in `scale`.
        if digit == ASCII.zero, digitCount == 0 { return }
        if digitCount < 64 { digits[digitCount] = digit }
        digitCount += 1
    }

    /// Moves the point `places` to the left: divides by 10^places, exactly. A percent sign moves it by 2, `K` by -3.
    mutating func shiftPoint(left places: Int) {
        scale += places
    }

    /// Appends the canonical literal.
    ///
    /// - Returns: the sign of the value.
    /// - Throws: `.tooLong`, before anything was appended.
    func append(to out: inout [UInt8]) throws(DecimalLiteral.Failure) -> DecimalLiteral.Sign {
        let isMinus = isNegative && digitCount > 0
        // An integer zero has no digits here but prints one, and no exponent makes it longer.
        let missingZeros = digitCount > 0 ? max(0, -scale) : 0
        let wholeCount = max(1, digitCount + missingZeros - max(0, scale))
        let fractionCount = max(0, scale)
        let length = (isMinus ? 1 : 0) + wholeCount + (fractionCount > 0 ? 1 + fractionCount : 0)
        guard length <= DecimalLiteral.maximumLength else { throw .tooLong }

        if isMinus { out.append(ASCII.minus) }
        let wholeDigits = max(0, min(digitCount, digitCount - scale))
        if wholeDigits == 0 { out.append(ASCII.zero) }
        appendDigits(0..<wholeDigits, to: &out)
        appendZeros(missingZeros, to: &out)
        if fractionCount > 0 {
            out.append(ASCII.period)
            appendZeros(fractionCount - (digitCount - wholeDigits), to: &out)
            appendDigits(wholeDigits..<digitCount, to: &out)
        }
        if digitCount == 0 { return .zero }
        return isMinus ? .negative : .positive
    }

    private func appendDigits(_ range: Range<Int>, to out: inout [UInt8]) {
        out.append(copying: digits.span.extracting(range))
    }

    private func appendZeros(_ count: Int, to out: inout [UInt8]) {
        out.append(contentsOf: repeatElement(ASCII.zero, count: count))
    }
}
