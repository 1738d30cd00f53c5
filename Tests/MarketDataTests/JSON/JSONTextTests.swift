import MarketData
import TestSupport
import Testing

@Suite struct JSONTextTests {
    static func escaped(_ text: [UInt8]) -> String {
        var out: [UInt8] = []
        JSONText.appendEscaped(text.span, to: &out)
        return MarketDataTests.text(out)
    }

    @Test func onlyWhatMustBeIsEscaped() {
        #expect(Self.escaped(bytes("plain text, é€🚀/\u{7F}\u{2028}")) == "\"plain text, é€🚀/\u{7F}\u{2028}\"")
        #expect(Self.escaped(bytes("\"\\\u{8}\u{C}\n\r\t\u{0}\u{1F}")) == #""\"\\\b\f\n\r\t\u0000\u001f""#)
        #expect(Self.escaped([]) == "\"\"")
        var out: [UInt8] = []
        JSONText.appendEscaped("a\"b", to: &out)
        #expect(text(out) == #""a\"b""#)
    }

    @Test func bytesThatAreNotUTF8AreReplaced() {
        #expect(Self.escaped([0x61, 0xFF, 0x62]) == "\"a\u{FFFD}b\"")
        #expect(Self.escaped([0xE2, 0x82]) == "\"\u{FFFD}\"")
        #expect(Self.escaped([0xED, 0xA0, 0x80]) == "\"\u{FFFD}\u{FFFD}\u{FFFD}\"")
        #expect(Self.escaped([0xF0, 0x9F, 0x9A, 0x22]) == "\"\u{FFFD}\\\"\"")
    }

    @Test func anyBytesBecomeAStringThatReadsBack() throws {
        try fuzz(milliseconds: 700) { seed, random in
            let raw = (0..<random.below(40)).map { _ in
                random.bool() ? UInt8.random(in: 0...255, using: &random) : random.pick(bytes("\"\\\n aé€"))
            }
            let root = try JSONDocument(parsing: bytes(Self.escaped(raw))).root
            // The standard library replaces broken UTF-8 by the same rule.
            #expect(root.string == String(decoding: raw, as: UTF8.self), "seed \(seed): \(raw)")
        }
    }
}
