import MarketData

/// What the numbers among a field's values look like.
///
/// The magnitudes are for comparisons only and never become part of a row, so that they may be floating-point numbers.
struct NumberCounts: Sendable {
    private(set) var count = 0
    private(set) var positive = 0
    private(set) var zero = 0
    private(set) var negative = 0
    /// The largest magnitude.
    private(set) var largest = 0.0
    /// Magnitudes above 1,000, which no percentage has for long.
    private(set) var thousands = 0
    /// Numbers that are moments since 2009 in seconds, milliseconds or less.
    private(set) var epochs = 0
    /// Values with a percent sign.
    private(set) var percentSigns = 0
    /// Values with the sign of another currency, numbers or not.
    private(set) var otherCurrencies = 0

    /// Takes one value without blanks around it.
    ///
    /// - Returns: whether it is a number.
    mutating func add(_ text: Span<UInt8>) -> Bool {
        guard let literal = Self.literal(text) else { return false }
        count += 1
        switch literal.sign {
        case .positive: positive += 1
        case .zero: zero += 1
        case .negative: negative += 1
        }
        let magnitude = abs(Double(String(decoding: literal.digits, as: UTF8.self)) ?? 0)
        largest = max(largest, magnitude)
        if magnitude > 1_000 { thousands += 1 }
        if text[text.count - 1] == UInt8(ascii: "%") { percentSigns += 1 }
        if Self.hasOtherCurrency(text) { otherCurrencies += 1 }
        if text.count >= 10, let moment = try? Timestamp.parse(text), moment >= .earliest, magnitude >= 1_230_768_000 { epochs += 1 }
        return true
    }

    /// The number that a cell holds, read with a decimal point and, if it is none then, with a decimal comma.
    static func literal(_ text: Span<UInt8>) -> (digits: [UInt8], sign: DecimalLiteral.Sign)? {
        var hasDigit = false
        for index in text.indices where text[index] &- UInt8(ascii: "0") < 10 { hasDigit = true }
        guard hasDigit, text.count <= 96 else { return nil }
        var digits: [UInt8] = []
        for separator in [UInt8(ascii: "."), UInt8(ascii: ",")] {
            if let sign = try? DecimalLiteral.appendCanonical(cell: text, decimalSeparator: separator, to: &digits) { return (digits, sign) }
        }
        return nil
    }

    /// U+00A2 to U+00A5 and U+20A0 to U+20CF.
    private static func hasOtherCurrency(_ text: Span<UInt8>) -> Bool {
        for index in text.indices.dropLast() {
            if text[index] == 0xC2, (0xA2...0xA5).contains(text[index + 1]) { return true }
            guard text[index] == 0xE2, index + 2 < text.count else { continue }
            if text[index + 1] == 0x82, text[index + 2] >= 0xA0 { return true }
            if text[index + 1] == 0x83, text[index + 2] <= 0x8F { return true }
        }
        return false
    }
}
