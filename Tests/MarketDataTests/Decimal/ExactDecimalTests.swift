import MarketData
import TestSupport
import Testing

@Suite struct ExactDecimalTests {
    private func number(_ literal: String) throws -> ExactDecimal {
        let number = ExactDecimal(bytes(literal).span)
        return try #require(number, "\(literal)")
    }

    @Test(arguments: [
        ("1.5", "2.25", "3.75"), ("0.1", "0.2", "0.3"), ("-1", "1", "0"), ("-0.5", "0.25", "-0.25"), ("999.99", "0.01", "1000.00"),
        ("-1.50", "-1.5", "-3.00"), ("0", "0.000", "0.000"), ("5", "-7.5", "-2.5"),
        (
            "99999999999999999999999999999999999999999999999999999999999999", "0.00000000000000000000000000000000000000000000000000000000000001",
            "99999999999999999999999999999999999999999999999999999999999999.00000000000000000000000000000000000000000000000000000000000001"
        ),
    ])
    func sumsAreExact(a: String, b: String, sum: String) throws {
        let (left, right, whole) = (try number(a), try number(b), try number(sum))
        #expect(text((left + right).literal) == sum)
        #expect(text((right + left).literal) == sum)
        #expect(whole - right == left)
    }

    @Test(arguments: [
        ("1", "0.5"), ("2", "1"), ("3.0", "1.5"), ("0.05", "0.025"), ("4.00", "2.00"), ("-7", "-3.5"), ("0", "0"), ("10", "5"), ("0.00", "0.00"),
    ])
    func halvesHaveADigitMoreOnlyWhereItIsNeeded(whole: String, half: String) throws {
        let number = try number(whole)
        #expect(text(number.halved.literal) == half)
    }

    @Test(arguments: [
        ("1", "3", 4, "0.3333"), ("2", "3", 4, "0.6667"), ("1", "8", 2, "0.12"), ("3", "8", 2, "0.38"), ("1", "2", 0, "0"), ("3", "2", 0, "2"),
        ("-1", "8", 2, "-0.12"), ("-1", "-3", 1, "0.3"), ("1", "1000", 2, "0.00"), ("-1", "1000", 2, "0.00"), ("0", "5", 3, "0.000"),
        ("1", "0.00000001", 0, "100000000"), ("0.00000001", "3", 6, "0.000000"), ("999.995", "1", 2, "1000.00"), ("5", "0.30", 1, "16.7"),
    ])
    func quotientsAreRoundedHalfToEven(a: String, b: String, digits: Int, quotient: String) throws {
        let (a, b) = (try number(a), try number(b))
        #expect(text(a.divided(by: b, fractionDigits: digits).literal) == quotient)
    }

    @Test(arguments: [("1", "100"), ("0.5", "50"), ("0.12345", "12.345"), ("0", "0"), ("-0.001", "-0.1")])
    func percentMovesThePoint(share: String, percent: String) throws {
        let share = try number(share)
        #expect(text(share.inPercent.literal) == percent)
    }

    @Test func valuesAreComparedNotDigits() throws {
        let numbers = try ["-2", "-1.50", "-1.5", "0", "0.09", "0.1", "3.0", "3"].map { try number($0) }
        #expect(numbers[1] == numbers[2] && numbers[6] == numbers[7])
        #expect(!(numbers[6] < numbers[7]) && numbers[0] < numbers[1])
        #expect(numbers.reversed().sorted() == numbers)
    }

    @Test(arguments: ["", "-", ".", "1.", ".5", "1.2.3", "1e5", "+1", "--1", "null", "1-"])
    func otherTextIsNoNumber(text: String) {
        let number = ExactDecimal(bytes(text).span)
        #expect(number == nil)
    }

    @Test func machineIntegersAgree() throws {
        var random = SplitMix64(seed: 7)
        for _ in 0..<2_000 {
            let (a, b) = (Int64(random.below(2_000_001)) - 1_000_000, Int64(random.below(2_001)) - 1_000)
            let (x, y) = (try number("\(a)"), try number("\(b)"))
            #expect(text((x + y).literal) == "\(a + b)")
            #expect(text((x - y).literal) == "\(a - b)")
            #expect((x < y) == (a < b))
            guard b != 0 else { continue }
            // Halfway cases are told from twice the rest.
            let (whole, rest) = (abs(a) / abs(b), abs(a) % abs(b))
            let up = 2 * rest > abs(b) || (2 * rest == abs(b) && whole % 2 == 1)
            let rounded = (whole + (up ? 1 : 0)) * ((a < 0) != (b < 0) ? -1 : 1)
            #expect(text(x.divided(by: y, fractionDigits: 0).literal) == "\(rounded)", "\(a) / \(b)")
        }
    }
}
