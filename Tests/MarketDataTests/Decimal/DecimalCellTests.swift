import MarketData
import Testing

@Suite struct DecimalCellTests {
    static func read(
        _ cell: String,
        _ separator: Character = ".",
        percent: DecimalLiteral.Percent = .keepPoints
    ) -> String? {
        var out: [UInt8] = []
        let byte = separator.asciiValue ?? 0
        guard (try? DecimalLiteral.appendCanonical(cell: bytes(cell).span, decimalSeparator: byte, percent: percent, to: &out)) != nil
        else { return nil }
        return text(out)
    }

    @Test(arguments: [
        ("1234.50", "1234.50"), (" 5 ", "5"), ("\u{A0}5\u{3000}", "5"),
        ("60,309.1", "60309.1"), ("1,234,567", "1234567"), ("-1,234", "-1234"), ("1,234e2", "123400"),
        ("$5", "5"), ("-$5", "-5"), ("$-5", "-5"), ("$ 5.10", "5.10"), ("5 €", "5"), ("£1,000.00", "1000.00"), ("¥7", "7"),
        ("₹7", "7"), ("₩7", "7"), ("₿0.5", "0.5"), ("+5", "5"),
        ("106.30K", "106300"), ("1.5M", "1500000"), ("2B", "2000000000"), ("1.23456789012T", "1234567890120"),
        ("1.2345k", "1234.5"), ("$1.2B", "1200000000"), ("1.2 M €", "1200000"), ("1.2M€", "1200000"), ("5K₿", "5000"),
        ("5 USD", "5"), ("USD 5", "5"), ("US$1,000.50", "1000.50"), ("-5.1usd", "-5.1"), ("1.2B USD", "1200000000"), ("5US$", "5"),
        ("3.60%", "3.60"), ("-0.5 %", "-0.5"), ("1e-7", "0.0000001"), (".5", "0.5"),
    ])
    func humanNumbersWithADecimalPoint(cell: String, literal: String) {
        #expect(Self.read(cell) == literal, "\(cell)")
    }

    @Test(arguments: [
        ("1234,50", "1234.50"), ("1.234,5", "1234.5"), ("1.234.567", "1234567"), ("1 234 567,8", "1234567.8"),
        ("1\u{A0}234,5", "1234.5"), ("1\u{202F}234,5", "1234.5"), ("1'234,5", "1234.5"), ("1’234’567", "1234567"),
        ("0,5 €", "0.5"), (",5", "0.5"), ("5,", "5"), ("1,5K", "1500"), ("-1,5%", "-1.5"), ("1,234", "1.234"),
    ])
    func humanNumbersWithADecimalComma(cell: String, literal: String) {
        #expect(Self.read(cell, ",") == literal, "\(cell)")
    }

    @Test(arguments: [
        "(5)", "1,23", "12,34,567", "1234,567", "1,2345", "0,123", ",123", "1,,234", "1,234,", "1.5.2", "5 BUSD", "5TUSD", "USD", "5 EUR", "A$5",
        "USD5$", "$", "5%$", "$5%", "5% USD",
        "$5$", "--5", "-$-5", "5KM", "5%%", "K", "%", "1 234", "1'234", "", "-", "12:30", "1.234,5",
    ])
    func doubtfulNumbersAreRefused(cell: String) {
        #expect(Self.read(cell) == nil, "\(cell)")
    }

    @Test(arguments: ["1.5", "1.23", "1.2345", "1 234.567'890", "1.234 567", "1234.567", "0.123", "1,234.5"])
    func doubtfulNumbersWithADecimalCommaAreRefused(cell: String) {
        #expect(Self.read(cell, ",") == nil, "\(cell)")
    }

    @Test func aPercentSignShiftsThePointWhenAsked() {
        #expect(Self.read("3.60%", percent: .shiftPoint) == "0.0360")
        #expect(Self.read("250%", percent: .shiftPoint) == "2.50")
        #expect(Self.read("250", percent: .shiftPoint) == "250")
    }

    @Test func suffixesCannotMakeANumberTooLong() {
        let digits = String(repeating: "9", count: 53)
        #expect(Self.read(digits + "T") == nil)
        #expect(Self.read(digits + "B") == digits + "000000000")
    }
}
