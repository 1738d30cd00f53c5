import MarketData
import TestSupport
import Testing

@testable import TickerStore

@Suite struct NumberKeyTests {
    private func key(_ text: some StringProtocol) -> UInt64 { NumberKey.encode(Array(text.utf8).span) }

    @Test func keysOfKnownNumbers() {
        #expect(key("null") == 0 && key("") == 0)
        #expect(key("0") == 1 << 63 && key("0.000") == 1 << 63)
        #expect(key("1") == (1 << 63 | 128 << 55 | 1_000_000_000_000_000 << 1) as UInt64)
        #expect(key("-1") == ~key("1"))
        #expect(key("0.05") == (1 << 63 | 126 << 55 | 5_000_000_000_000_000 << 1) as UInt64)
        #expect(key("1941062.0") == key("1941062"))
        #expect(key("12345678901234567") == key("12345678901234568"), "digits beyond the sixteenth are not in the key")
    }

    @Test(arguments: [("0", true), ("-5", true), ("1.00", true), ("0.0000001234567890123456", true), ("12345678901234560000", true), ("null", true)])
    func aKeySaysWhetherItIsExact(literal: String, isExact: Bool) {
        #expect(NumberKey.isExact(key(literal)) == isExact)
        if literal == "null" || literal == "0" { return }
        // A seventeenth digit.
        let longer = literal.contains(".") ? literal + "000000000000000000001" : literal + ".000000000000000000001"
        #expect(!NumberKey.isExact(key(longer)) && NumberKey.isExact(key(longer.dropLast() + "0")))
        #expect(NumberKey.firstForm(key(longer)) == NumberKey.firstForm(key(literal)), "of the same sixteen digits")
    }

    @Test func keysAreOrderedAsTheirNumbers() {
        var random = SplitMix64(seed: 2_024)
        func literal() -> [UInt8] {
            var text: [UInt8] = []
            var digits = ""
            // Few different digits and lengths, so that equal and nearly equal numbers meet.
            for _ in 0..<Int.random(in: 1...24, using: &random) { digits += ["0", "0", "1", "9", "5"].randomElement(using: &random)! }
            if Bool.random(using: &random) {
                digits += "." + (0..<Int.random(in: 1...24, using: &random)).map { _ in ["0", "1", "9"].randomElement(using: &random)! }.joined()
            }
            if Bool.random(using: &random) { digits = "-" + digits }
            _ = try? DecimalLiteral.appendCanonical(Array(digits.utf8).span, to: &text)
            return text
        }
        for _ in 0..<20_000 {
            let (a, b) = (literal(), literal())
            let order = DecimalLiteral.compare(a.span, b.span)
            let (aKey, bKey) = (NumberKey.encode(a.span), NumberKey.encode(b.span))
            let isSettled = NumberKey.isExact(aKey) || NumberKey.isExact(bKey)
            let agrees = order == 0 ? aKey == bKey : aKey == bKey ? !isSettled : (aKey < bKey) == (order < 0)
            #expect(agrees, "\(String(decoding: a, as: UTF8.self)) and \(String(decoding: b, as: UTF8.self))")
            #expect(aKey != NumberKey.null)
            #expect(NumberKey.fromFirstForm(NumberKey.firstForm(aKey)) | 1 == aKey | 1)
        }
    }
}
