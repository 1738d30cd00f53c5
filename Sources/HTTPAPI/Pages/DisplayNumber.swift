/// Numbers as people read them. The exact ones are in the API; nothing here goes back into it.
enum DisplayNumber {
    /// `1234567` is `1,234,567`.
    static func grouped(_ value: Int) -> String { (value < 0 ? "−" : "") + grouped(Array(String(value.magnitude).utf8)) }

    /// A canonical decimal with grouped thousands: two digits after the point from one on, four significant ones below.
    static func price(_ literal: String) -> String {
        guard let number = Number(literal) else { return literal }
        if !number.isBelowOne { return text(number.rounded(to: 2)) }
        let zeros = number.fraction.prefix { $0 == zero }.count
        return text(number.rounded(to: min(zeros + 4, number.fraction.count)))
    }

    /// A canonical decimal in short: `44588500` is `44.6M`.
    static func short(_ literal: String) -> String {
        guard let number = Number(literal) else { return literal }
        let digits = number.whole.count
        let units: [(places: Int, name: String)] = [(12, "T"), (9, "B"), (6, "M"), (3, "K")]
        guard let unit = units.first(where: { digits > $0.places }) else { return text(number.rounded(to: digits == 1 ? 2 : 0)) }
        let shifted = number.shifted(by: unit.places)
        return text(shifted.rounded(to: max(0, 3 - shifted.whole.count))) + unit.name
    }

    /// A canonical decimal of percent points with its sign: `+2.50 %`.
    static func percent(_ literal: String) -> String {
        guard let number = Number(literal) else { return literal }
        let rounded = number.rounded(to: 2)
        let isZero = (rounded.whole + rounded.fraction).allSatisfy { $0 == zero }
        return (isZero ? "±" : number.isNegative ? "−" : "+") + text(rounded, sign: false) + " %"
    }

    /// Bytes in powers of 1,000, with the unit.
    static func bytes(_ count: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var (value, unit) = (count, 0)
        // In tenths, so that no floating point is needed.
        var tenths = value * 10
        while tenths >= 10_000, unit < units.count - 1 {
            tenths = (tenths + 500) / 1_000
            unit += 1
        }
        value = tenths / 10
        let fraction = unit > 0 && value < 100 ? ".\(tenths % 10)" : ""
        return "\(grouped(value))\(fraction) \(units[unit])"
    }

    private static let zero = UInt8(ascii: "0")

    private static func text(_ number: Number, sign: Bool = true) -> String {
        let whole = grouped(number.whole)
        let fraction = number.fraction.isEmpty ? "" : "." + String(decoding: number.fraction, as: UTF8.self)
        return (sign && number.isNegative ? "−" : "") + whole + fraction
    }

    private static func grouped(_ digits: [UInt8]) -> String {
        var text: [UInt8] = []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(UInt8(ascii: ",")) }
            text.append(digit)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The digits of a canonical decimal.
    private struct Number {
        var isNegative: Bool
        var whole: [UInt8]
        var fraction: [UInt8]

        /// nil for anything but digits, with or without a sign in front and a point among them.
        init?(_ literal: String) {
            isNegative = literal.hasPrefix("-")
            let parts = literal.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
            whole = Array(parts[0].utf8)
            fraction = parts.count == 2 ? Array(parts[1].utf8) : []
            guard (whole + fraction).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        }

        var isBelowOne: Bool { whole.allSatisfy { $0 == zero } }

        /// Divided by a power of ten.
        func shifted(by places: Int) -> Number {
            var number = self
            number.fraction = whole.suffix(places) + fraction
            number.whole.removeLast(places)
            return number
        }

        /// With so many digits behind the point, half away from zero.
        func rounded(to places: Int) -> Number {
            var number = self
            guard fraction.count > places else {
                number.fraction += [UInt8](repeating: zero, count: places - fraction.count)
                return number
            }
            number.fraction = Array(fraction.prefix(places))
            guard fraction[places] >= UInt8(ascii: "5") else { return number }
            var digits = number.whole + number.fraction
            var index = digits.count - 1
            while index >= 0, digits[index] == UInt8(ascii: "9") {
                digits[index] = zero
                index -= 1
            }
            if index >= 0 { digits[index] += 1 } else { digits.insert(UInt8(ascii: "1"), at: 0) }
            number.whole = Array(digits.dropLast(places))
            number.fraction = Array(digits.suffix(places))
            return number
        }
    }
}
