/// A decimal number of any length, for the few sums and quotients that answers need.
///
/// Sums, differences and halves are exact; a quotient says how many digits it keeps. Rows never pass through here: their
/// literals are copied.
public struct ExactDecimal: Sendable {
    /// Never for zero.
    private(set) var isNegative: Bool
    /// 0 to 9, most significant first; no leading zeros, so zero has none.
    private(set) var digits: [UInt8]
    /// How many digits stand behind the point, zeros included: value = ±digits × 10^-scale.
    public private(set) var scale: Int

    init(isNegative: Bool, digits: some Sequence<UInt8>, scale: Int) {
        self.digits = Array(digits.drop { $0 == 0 })
        self.isNegative = isNegative && !self.digits.isEmpty
        self.scale = scale
    }

    /// Reads a canonical literal, or one that is longer; nil for other text.
    public init?(_ literal: Span<UInt8>) {
        var digits: [UInt8] = []
        var scale: Int?
        let isNegative = literal.count > 0 && literal[0] == ASCII.minus
        for index in (isNegative ? 1 : 0)..<max(literal.count, isNegative ? 1 : 0) {
            if literal[index] == ASCII.period, scale == nil, !digits.isEmpty {
                scale = 0
            } else if ASCII.isDigit(literal[index]) {
                digits.append(ASCII.digit(literal[index]))
                scale = scale.map { $0 + 1 }
            } else {
                return nil
            }
        }
        if digits.isEmpty || literal[literal.count - 1] == ASCII.period { return nil }
        self.init(isNegative: isNegative, digits: digits, scale: scale ?? 0)
    }

    /// The number as a literal, with `scale` digits behind the point.
    public var literal: [UInt8] {
        var text: [UInt8] = isNegative ? [ASCII.minus] : []
        let missing = max(0, scale + 1 - digits.count)
        let shown = [UInt8](repeating: 0, count: missing) + digits
        text += shown.dropLast(scale).map { ASCII.zero + $0 }
        if scale > 0 {
            text.append(ASCII.period)
            text += shown.suffix(scale).map { ASCII.zero + $0 }
        }
        return text
    }

    /// The exact sum, with as many digits behind the point as the longer of the two.
    public static func + (a: ExactDecimal, b: ExactDecimal) -> ExactDecimal {
        let scale = max(a.scale, b.scale)
        let (left, right) = (a.digits(toScale: scale), b.digits(toScale: scale))
        if a.isNegative == b.isNegative {
            return ExactDecimal(isNegative: a.isNegative, digits: Digits.sum(left, right), scale: scale)
        }
        if Digits.compare(left, right) >= 0 {
            return ExactDecimal(isNegative: a.isNegative, digits: Digits.difference(left, right), scale: scale)
        }
        return ExactDecimal(isNegative: b.isNegative, digits: Digits.difference(right, left), scale: scale)
    }

    public static prefix func - (a: ExactDecimal) -> ExactDecimal {
        ExactDecimal(isNegative: !a.isNegative, digits: a.digits, scale: a.scale)
    }

    /// The exact difference.
    public static func - (a: ExactDecimal, b: ExactDecimal) -> ExactDecimal { a + -b }

    /// The exact half, with one digit more only where it is needed.
    public var halved: ExactDecimal {
        // Five tenths.
        let doubled = Digits.sum(digits, digits)
        let fivefold = Digits.sum(Digits.sum(doubled, doubled), digits)
        if let last = fivefold.last, last != 0 { return ExactDecimal(isNegative: isNegative, digits: fivefold, scale: scale + 1) }
        return ExactDecimal(isNegative: isNegative, digits: fivefold.dropLast(), scale: scale)
    }

    /// The number times a hundred, exactly.
    public var inPercent: ExactDecimal {
        let missing = max(0, 2 - scale)
        return ExactDecimal(isNegative: isNegative, digits: digits + [UInt8](repeating: 0, count: missing), scale: max(0, scale - 2))
    }

    /// The quotient, rounded to the nearest; halfway to the even last digit (IEEE 754, roundTiesToEven).
    ///
    /// - Parameters:
    ///   - divisor: not zero.
    ///   - fractionDigits: digits behind the point of the result.
    public func divided(by divisor: ExactDecimal, fractionDigits: Int) -> ExactDecimal {
        precondition(!divisor.digits.isEmpty, "division by zero")
        let shift = fractionDigits + divisor.scale - scale
        let numerator = digits + [UInt8](repeating: 0, count: max(0, shift))
        let denominator = divisor.digits + [UInt8](repeating: 0, count: max(0, -shift))
        var (quotient, rest) = Digits.quotient(numerator, denominator)
        let half = Digits.compare(Digits.sum(rest, rest), denominator)
        if half > 0 || (half == 0 && (quotient.last ?? 0) % 2 == 1) { quotient = Digits.sum(quotient, [1]) }
        return ExactDecimal(isNegative: isNegative != divisor.isNegative, digits: quotient, scale: fractionDigits)
    }

    /// The digits with zeros behind them, as if the scale was a greater one.
    private func digits(toScale wanted: Int) -> [UInt8] {
        digits.isEmpty ? [] : digits + [UInt8](repeating: 0, count: wanted - scale)
    }
}

extension ExactDecimal: Comparable {
    /// Whether the values are the same: `1.50` equals `1.5`.
    public static func == (a: ExactDecimal, b: ExactDecimal) -> Bool { (a - b).digits.isEmpty }

    /// Whether the value of `a` is smaller.
    public static func < (a: ExactDecimal, b: ExactDecimal) -> Bool { (a - b).isNegative }
}

/// Schoolbook arithmetic with natural numbers as digits from 0 to 9, most significant first, without leading zeros.
///
/// Numbers here have about a hundred digits, so nothing faster is needed.
private enum Digits {
    static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
        a.count != b.count ? a.count - b.count : compareBytes(a, b)
    }

    static func sum(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var carry: UInt8 = 0
        for place in 0..<max(a.count, b.count) {
            let digit = digit(of: a, at: place) + digit(of: b, at: place) + carry
            result.append(digit % 10)
            carry = digit / 10
        }
        if carry > 0 { result.append(carry) }
        return result.reversed()
    }

    /// - Parameter b: Not greater than `a`.
    static func difference(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var borrow: UInt8 = 0
        for place in a.indices {
            let digit = 10 + digit(of: a, at: place) - digit(of: b, at: place) - borrow
            result.append(digit % 10)
            borrow = digit < 10 ? 1 : 0
        }
        return result.reversed().drop { $0 == 0 }.map(\.self)
    }

    static func quotient(_ numerator: [UInt8], _ denominator: [UInt8]) -> (quotient: [UInt8], rest: [UInt8]) {
        var quotient: [UInt8] = []
        var rest: [UInt8] = []
        for digit in numerator {
            if digit != 0 || !rest.isEmpty { rest.append(digit) }
            var times: UInt8 = 0
            while compare(rest, denominator) >= 0 {
                rest = difference(rest, denominator)
                times += 1
            }
            if times != 0 || !quotient.isEmpty { quotient.append(times) }
        }
        return (quotient, rest)
    }

    /// The digit at a place counted from the right, 0 beyond the number.
    private static func digit(of number: [UInt8], at place: Int) -> UInt8 {
        place < number.count ? number[number.count - 1 - place] : 0
    }
}
