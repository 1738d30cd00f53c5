import MarketData
import TestSupport
import Testing

@Suite struct DecimalLiteralTests {
    static func canonical(_ text: String) -> Result<String, DecimalLiteral.Failure> {
        var out: [UInt8] = []
        do throws(DecimalLiteral.Failure) {
            _ = try DecimalLiteral.appendCanonical(bytes(text).span, to: &out)
            return .success(MarketDataTests.text(out))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [
        ("0", "0"), ("7", "7"), ("45000.50", "45000.50"), ("-2.5", "-2.5"), ("100", "100"),
        ("+5", "5"), (".5", "0.5"), ("-.5", "-0.5"), ("5.", "5"), ("00012.50", "12.50"), ("000", "0"), ("00.10", "0.10"),
        ("-0", "0"), ("-0.00", "0.00"), ("+0.0", "0.0"),
        ("1e-7", "0.0000001"), ("3.27e-9", "0.00000000327"), ("1.50e1", "15.0"), ("1.50e2", "150"), ("1.5E+3", "1500"),
        ("12345e-2", "123.45"), ("0.5e-3", "0.0005"), ("0e400", "0"), ("0.0e3", "0"), ("0E-18", "0.000000000000000000"),
        ("-1e0", "-1"), ("100e-2", "1.00"),
        ("0.00000812345678901234567", "0.00000812345678901234567"),
        ("123456789012345678901234.5", "123456789012345678901234.5"),
    ])
    func numbersKeepTheirDigits(written: String, canonical: String) {
        #expect(Self.canonical(written) == .success(canonical), "\(written)")
    }

    @Test(arguments: [
        "", " ", "-", "+", ".", "-.", "e5", ".e5", "1e", "1e+", "1.2.3", "1,000", " 1", "1 ", "--1", "+-1", "0x10", "NaN",
        "Infinity", "1_000", "١", "1e5.0", "12a", "$5",
    ])
    func otherTextIsNotANumber(written: String) {
        #expect(Self.canonical(written) == .failure(.notANumber), "\(written)")
    }

    @Test(arguments: [
        "1E400", "1e-9999999999999", "1e99999999999999999999999999", "-1e64", "0e-400", "1e64",
        "1e-63",
    ])
    func longNumbersAreRefusedHoweverShortTheyAreWritten(written: String) {
        #expect(Self.canonical(written) == .failure(.tooLong))
    }

    @Test func sixtyFourCharactersFitAndSixtyFiveDoNot() {
        let digits = String(repeating: "9", count: 64)
        #expect(Self.canonical(digits) == .success(digits))
        #expect(Self.canonical("9" + digits) == .failure(.tooLong))
        #expect(Self.canonical("-" + digits) == .failure(.tooLong))
        #expect(Self.canonical("000" + digits) == .success(digits))
        #expect(Self.canonical("1e63") == .success("1" + String(repeating: "0", count: 63)))
        #expect(Self.canonical("1e-62") == .success("0." + String(repeating: "0", count: 61) + "1"))
    }

    @Test func theLengthOfTheInputIsNoDanger() {
        let zeros = String(repeating: "0", count: 100_000)
        #expect(Self.canonical(zeros + "1") == .success("1"))
        #expect(Self.canonical(zeros) == .success("0"))
        #expect(Self.canonical("0." + zeros) == .failure(.tooLong))
        #expect(Self.canonical("1" + zeros + "e-100000") == .failure(.tooLong))
        #expect(Self.canonical("1e" + zeros + "2") == .success("100"))
    }

    @Test func theSignIsFoundOnTheWay() throws {
        var out: [UInt8] = []
        for (text, sign) in [
            ("1", .positive), ("-1", .negative), ("0.00", .zero), ("-0.00", .zero), ("0.001", .positive), ("-1e-3", .negative),
            ("0e9", .zero),
        ] as [(String, DecimalLiteral.Sign)] {
            #expect(try DecimalLiteral.appendCanonical(bytes(text).span, to: &out) == sign, "\(text)")
        }
    }

    @Test func aFailureLeavesTheOutputAsItWas() {
        var out = bytes("before")
        for text in ["12a", "1e400", "", String(repeating: "1", count: 65)] {
            _ = try? DecimalLiteral.appendCanonical(bytes(text).span, to: &out)
            _ = try? DecimalLiteral.appendCanonical(cell: bytes(text).span, decimalSeparator: UInt8(ascii: ","), to: &out)
        }
        #expect(text(out) == "before")
    }

    /// The reference keeps all digits in an array, however many zeros the exponent asks for.
    static func reference(_ whole: String, _ fraction: String, exponent: Int, isNegative: Bool) -> String? {
        var digits = whole + fraction
        var point = whole.count + exponent
        if point < 0 {
            digits = String(repeating: "0", count: -point) + digits
            point = 0
        }
        if point > digits.count { digits += String(repeating: "0", count: point - digits.count) }
        var integer = digits.prefix(point).drop { $0 == "0" }
        if integer.isEmpty { integer = "0" }
        let rest = digits.dropFirst(point)
        let isZero = digits.allSatisfy { $0 == "0" }
        let text = (isNegative && !isZero ? "-" : "") + integer + (rest.isEmpty ? "" : "." + rest)
        return text.count <= 64 ? text : nil
    }

    @Test func randomNumbersAgreeWithDigitArithmetic() {
        fuzz { seed, random in
            let whole = (0..<random.below(30)).map { _ in String(random.below(random.bool() ? 2 : 10)) }.joined()
            let fraction = (0..<random.below(30)).map { _ in String(random.below(random.bool() ? 2 : 10)) }.joined()
            guard !whole.isEmpty || !fraction.isEmpty else { return }
            let exponent = random.bool() ? 0 : random.below(90) - 45
            let isNegative = random.bool()
            let point = fraction.isEmpty && random.bool() ? "" : "."
            let written =
                (isNegative ? "-" : "") + whole + point + fraction
                + (exponent == 0 ? "" : "e\(exponent)")
            let expected = Self.reference(whole, fraction, exponent: exponent, isNegative: isNegative)
            #expect(Self.canonical(written) == expected.map { .success($0) } ?? .failure(.tooLong), "seed \(seed): \(written)")
            if let expected {
                #expect(Self.canonical(expected) == .success(expected), "seed \(seed): not stable: \(expected)")
            }
        }
    }

    @Test func randomBytesNeverTrap() {
        fuzz(milliseconds: 500) { _, random in
            let letters = bytes("0123456789.,eE+-'%KMB$ \u{A0}€()")
            let text = (0..<random.below(40)).map { _ in random.below(30) == 0 ? UInt8.random(in: 0...255, using: &random) : random.pick(letters) }
            var out: [UInt8] = []
            _ = try? DecimalLiteral.appendCanonical(text.span, to: &out)
            for separator in [UInt8(ascii: "."), UInt8(ascii: ",")] {
                let before = out.count
                guard (try? DecimalLiteral.appendCanonical(cell: text.span, decimalSeparator: separator, to: &out)) != nil
                else { continue }
                let literal = MarketDataTests.text(out[before...])
                #expect(Self.canonical(literal) == .success(literal), "\(MarketDataTests.text(text))")
            }
        }
    }
}
