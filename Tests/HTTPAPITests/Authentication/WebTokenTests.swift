import Crypto
import FoundationEssentials
import Testing

@testable import HTTPAPI

@Suite struct WebTokenTests {
    private let key = Array("0123456789abcdef0123456789abcdef".utf8)
    private let now: Int64 = 1_734_220_800

    /// Any header and claims with a signature that is right.
    private func signed(_ header: String, _ claims: String, key: [UInt8]? = nil) -> String {
        let text = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key ?? self.key))
        return text + "." + Base64URL.encode(Array(code))
    }

    private func judge(_ token: String, _ expectation: WebTokens.Expectation = .init()) throws -> WebTokens.Verdict {
        try #require(WebTokens(key: key, expectation: expectation)).judge(token, now: now)
    }

    private let header = #"{"alg":"HS256","typ":"JWT"}"#
    private var claims: String { #"{"exp":\#(now + 100)}"# }

    @Test func oneOfOursIsGoodUntilItsEndAndAMinute() throws {
        let tokens = try #require(WebTokens(key: key))
        let token = tokens.mint(now: now, seconds: 100, subject: "backup")
        #expect(tokens.judge(token, now: now) == .good(subject: "backup"))
        #expect(tokens.judge(token, now: now + 159) == .good(subject: "backup"))
        #expect(tokens.judge(token, now: now + 161) == .expired)
    }

    @Test func anotherProgramsTokenIsGoodToo() throws {
        for header in [#"{"alg":"HS256"}"#, #"{"typ":"jwt","alg":"HS256","kid":"7"}"#] {
            #expect(try judge(signed(header, claims)) == .good(subject: nil))
        }
        #expect(try judge(signed(header, #"{"exp":\#(now + 100).5,"nbf":\#(now + 59),"aud":["x","kasparro"]}"#)) == .good(subject: nil))
    }

    @Test(arguments: [
        #"{"alg":"none"}"#, #"{"alg":"HS512"}"#, #"{"alg":"hs256"}"#, #"{"alg":"RS256"}"#, #"{}"#, #"{"alg":["HS256"]}"#, #"[]"#, #"nonsense"#,
        #"{"alg":"HS256","crit":["x"]}"#, #"{"alg":"HS256","typ":"JWE"}"#, #"{"alg":"HS256","typ":7}"#,
    ])
    func aHeaderThatSaysSomethingElseIsRefusedThoughTheSignatureIsRight(header: String) throws {
        #expect(try judge(signed(header, claims)) == .bad)
    }

    @Test(arguments: [
        "{}", #"{"exp":"tomorrow"}"#, #"{"exp":null}"#, "[]", "", #"{"exp":1734220900,"nbf":1734220861}"#, #"{"exp":1734220900,"aud":"other"}"#,
        #"{"exp":1734220900,"aud":[]}"#, #"{"exp":1734220900,"nbf":"x"}"#,
    ])
    func claimsThatAreMissingOrForSomeoneElseAreRefused(claims: String) throws {
        #expect(try judge(signed(header, claims)) == .bad)
    }

    @Test func whatWasForgedIsRefused() throws {
        let good = signed(header, claims)
        let parts = good.split(separator: ".").map(String.init)
        #expect(try judge(signed(header, claims, key: Array("another key of thirty-two bytes!!".utf8))) == .bad)
        for token in [
            parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1], good + ".", "." + good, good + "A", String(good.dropLast()), "..",
            parts[0] + "." + Base64URL.encode(Array(#"{"exp":9999999999}"#.utf8)) + "." + parts[2], good + "=",
            String(repeating: "a.b.", count: 2_000),
        ] {
            #expect(try judge(token) == .bad, "\(token.prefix(200))")
        }
    }

    @Test func audienceAndIssuerAreCheckedWhenTheServerHasThem() throws {
        let expectation = WebTokens.Expectation(audience: "prices", issuer: "office")
        let tokens = try #require(WebTokens(key: key, expectation: expectation))
        #expect(tokens.judge(tokens.mint(now: now, seconds: 9, subject: nil), now: now) == .good(subject: nil))
        for claims in [
            claims, #"{"exp":1734220900,"aud":"prices"}"#, #"{"exp":1734220900,"iss":"office"}"#,
            #"{"exp":1734220900,"aud":"kasparro","iss":"office"}"#, #"{"exp":1734220900,"aud":"prices","iss":"Office"}"#,
        ] {
            #expect(try judge(signed(header, claims), expectation) == .bad, "\(claims)")
        }
    }

    /// RFC 7515 appendix A.1.
    @Test func theTokenOfTheStandardIsGoodInItsTime() throws {
        let key = try #require(Base64URL.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let tokens = try #require(WebTokens(key: key, expectation: .init(issuer: "joe")))
        #expect(tokens.judge(token, now: 1_300_819_379) == .good(subject: nil))
        #expect(tokens.judge(token, now: 1_300_819_380 + 61) == .expired)
    }

    @Test func aShortKeyIsNone() {
        #expect(WebTokens(key: Array(key.dropLast())) == nil)
    }
}
