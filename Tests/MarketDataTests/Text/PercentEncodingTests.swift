import MarketData
import Testing

@Suite struct PercentEncodingTests {
    @Test func unreservedCharactersStayAndAllOthersAreEncoded() {
        #expect(PercentEncoding.encode("AZaz09-._~") == "AZaz09-._~")
        #expect(PercentEncoding.encode("a b+c/é") == "a%20b%2Bc%2F%C3%A9")
        #expect(PercentEncoding.encode(Array("/é".utf8), uppercase: false) == Array("%2f%c3%a9".utf8))
    }

    @Test(arguments: ["BTC", "a b/c?d=e&f%", "naïve ~ text", "🙂"]) func whatIsEncodedIsReadBack(_ text: String) throws {
        #expect(try PercentEncoding.decode(PercentEncoding.encode(text)) == text)
    }

    @Test func aPlusSignIsNoBlank() throws {
        #expect(try PercentEncoding.decode("2024-12-15T00:00:00+01:00") == "2024-12-15T00:00:00+01:00")
    }

    @Test(arguments: ["%", "%4", "%4g", "%ff", "%00", "%0A", "a\u{7F}"]) func whatIsNoTextIsRefused(_ text: String) {
        #expect(throws: PercentEncoding.Failure.self) { try PercentEncoding.decode(text) }
    }
}
