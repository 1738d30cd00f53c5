import MarketData
import Testing

@Suite struct TickerTextTests {
    static func symbol(_ text: [UInt8]) -> Result<String, TickerText.Failure> {
        var out = bytes("|")
        do throws(TickerText.Failure) {
            try TickerText.appendSymbol(text.span, to: &out)
            return .success(MarketDataTests.text(out.dropFirst()))
        } catch {
            #expect(out == bytes("|"), "a failure leaves the output as it was")
            return .failure(error)
        }
    }

    static func name(_ text: String) -> Result<String, TickerText.Failure> {
        var out: [UInt8] = []
        do throws(TickerText.Failure) {
            try TickerText.appendName(bytes(text).span, to: &out)
            return .success(MarketDataTests.text(out))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [
        ("btc", "BTC"), (" Btc ", "BTC"), ("$mog", "$MOG"), ("a b", "A B"), ("\u{A0}\u{3000}eth\u{200B}\u{FEFF}\t\r\n", "ETH"),
        ("\u{2003}x\u{202F}", "X"), ("éther", "ÉTHER"), ("дог", "ДОГ"), ("straße", "STRAßE"), ("币安人生", "币安人生"),
        ("ıi", "II"), ("🚀x", "🚀X"),
    ])
    func symbolsAreTrimmedAndUpperCase(written: String, symbol: String) {
        #expect(Self.symbol(bytes(written)) == .success(symbol))
        #expect(Self.symbol(bytes(symbol)) == .success(symbol), "a second time changes nothing")
    }

    @Test func everyUnicodeBlankIsTrimmed() {
        for value in 0...0xFFFF {
            guard let scalar = Unicode.Scalar(UInt32(value)), scalar.properties.isWhitespace else { continue }
            let blank = String(Character(scalar))
            #expect(Self.symbol(bytes(blank + "x" + blank + blank)) == .success("X"), "U+\(String(value, radix: 16))")
            #expect(Self.symbol(bytes(blank)) == .failure(.empty), "U+\(String(value, radix: 16))")
        }
    }

    @Test func textThatCannotBeStoredIsRefused() {
        #expect(Self.symbol([]) == .failure(.empty))
        #expect(Self.symbol(bytes("a\u{0}b")) == .failure(.controlCharacter))
        #expect(Self.symbol(bytes("a\nb")) == .failure(.controlCharacter))
        #expect(Self.symbol(bytes("a\u{7F}")) == .failure(.controlCharacter))
        #expect(Self.symbol(bytes("a\u{9B}b")) == .failure(.controlCharacter))
        #expect(Self.symbol([0x61, 0xFF]) == .failure(.invalidUTF8))
        #expect(Self.symbol([0x61, 0xED, 0xA0, 0x80]) == .failure(.invalidUTF8), "a surrogate")
        #expect(Self.symbol([0xC0, 0xAF]) == .failure(.invalidUTF8), "an overlong form")
        #expect(Self.symbol([0xF4, 0x90, 0x80, 0x80]) == .failure(.invalidUTF8), "above U+10FFFF")
    }

    @Test func lengthsAreCountedInBytesAfterTrimming() {
        let longest = String(repeating: "A", count: 64)
        #expect(Self.symbol(bytes("  " + longest + "  ")) == .success(longest))
        #expect(Self.symbol(bytes(longest + "A")) == .failure(.tooLong))
        #expect(Self.symbol(bytes(String(repeating: "д", count: 33))) == .failure(.tooLong))
        #expect(Self.name(String(repeating: "é", count: 128)) == .success(String(repeating: "é", count: 128)))
        #expect(Self.name(String(repeating: "é", count: 129)) == .failure(.tooLong))
        var out: [UInt8] = []
        #expect(throws: TickerText.Failure.tooLong) {
            try TickerText.appendSourceID(bytes(String(repeating: "x", count: 129)).span, to: &out)
        }
    }

    @Test func namesKeepTheirCase() {
        #expect(Self.name("\u{A0} Wrapped  éther ") == .success("Wrapped  éther"))
        #expect(Self.name(" \t ") == .failure(.empty))
    }

    @Test func trimmedGivesTheRange() {
        #expect(TickerText.trimmed(bytes("  a b\u{3000}").span) == 2..<5)
        #expect(TickerText.trimmed(bytes("").span).isEmpty)
    }
}
