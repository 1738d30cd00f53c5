import Testing

@testable import Transfer

@Suite struct ProxySettingsTests {
    private func proxy(_ url: String, _ environment: [String: String]) throws -> String? {
        ProxySettings.proxy(for: try WebAddress(url)) { environment[$0] }
    }

    @Test func schemeChoosesTheVariable() throws {
        let environment = ["http_proxy": "http://p:1", "HTTPS_PROXY": "http://p:2"]
        #expect(try proxy("http://example.org/", environment) == "http://p:1")
        #expect(try proxy("https://example.org/", environment) == "http://p:2")
        #expect(try proxy("https://example.org/", ["all_proxy": "http://p:3"]) == "http://p:3")
        #expect(try proxy("https://example.org/", [:]) == nil)
    }

    @Test func upperCaseHTTPProxyIsIgnored() throws {
        #expect(try proxy("http://example.org/", ["HTTP_PROXY": "http://p:1"]) == nil)
    }

    @Test(arguments: ["http://localhost/", "http://127.0.0.1:9/", "http://[::1]/", "http://api.localhost/"])
    func loopbackIsNeverProxied(url: String) throws {
        #expect(try proxy(url, ["http_proxy": "http://p:1", "all_proxy": "http://p:1"]) == nil)
    }

    @Test(arguments: [
        ("*", true), ("example.org", true), (".example.org", true), ("a.example.org", true), ("other.org, example.org", true),
        ("ample.org", false), ("b.example.org", false), ("", false), ("EXAMPLE.org", true),
    ])
    func noProxyExcludesNamesAndWhatIsBelowThem(list: String, excluded: Bool) throws {
        #expect(try (proxy("http://a.example.org/", ["http_proxy": "http://p:1", "no_proxy": list]) == nil) == excluded)
    }
}

@Suite struct TrustStoreTests {
    @Test func chosenFileIsUsedAndNeverReplaced() {
        #expect(TrustStore.locate(environment: { _ in "/a.pem" }, isReadable: { _ in true }) == .bundle(path: "/a.pem"))
        guard case .missing(let explanation) = TrustStore.locate(environment: { _ in "/a.pem" }, isReadable: { $0 != "/a.pem" }) else {
            Issue.record("an unreadable SSL_CERT_FILE was replaced")
            return
        }
        #expect(explanation.contains("SSL_CERT_FILE") && explanation.contains("/a.pem"))
    }

    @Test func firstReadableUsualPathIsUsed() {
        let last = TrustStore.usualPaths[3]
        #expect(TrustStore.locate(environment: { _ in nil }, isReadable: { $0 == last }) == .bundle(path: last))
    }

    @Test func missingBundleNamesTheCure() {
        guard case .missing(let explanation) = TrustStore.locate(environment: { _ in nil }, isReadable: { _ in false }) else {
            Issue.record("a bundle was found where none is readable")
            return
        }
        #expect(explanation.contains("SSL_CERT_FILE") && explanation.contains("ca-certificates"))
    }
}

@Suite struct RedactedURLTests {
    @Test(arguments: [
        ("https://h/p?page=2&api_key=S&x=1", "https://h/p?page=2&api_key=***&x=1"),
        ("https://user:S@h:8/p", "https://***@h:8/p"),
        ("https://h/users/@me?TOKEN=S#S", "https://h/users/@me?TOKEN=***"),
        ("https://h/?client_secret=S&flag&access-Key=S=S", "https://h/?client_secret=***&flag&access-Key=***"),
        ("http://h/\r\nnew line", "http://h/__new_line"),
        ("user:S@h", "***@h"),
        ("", ""),
    ])
    func secretsAreMasked(url: String, expected: String) {
        #expect(redacted(url: url) == expected)
    }
}

@Suite struct WebAddressTests {
    @Test func originIsSchemeHostAndPort() throws {
        let address = try WebAddress("HTTPS://Example.ORG/a")
        #expect(address.endpoint == "example.org:443")
        #expect(try address.hasSameOrigin(as: WebAddress("https://example.org:443/b?c")))
        #expect(try !address.hasSameOrigin(as: WebAddress("http://example.org:443/")))
        #expect(try !address.hasSameOrigin(as: WebAddress("https://example.org:8443/")))
        #expect(try !address.hasSameOrigin(as: WebAddress("https://example.org.evil.org/")))
    }

    @Test func locationIsResolvedAndPercentEncoded() throws {
        let base = try WebAddress("http://h:8/a/b?q")
        #expect(try WebAddress(location: "../c d", from: base).url == "http://h:8/c%20d")
        #expect(try WebAddress(location: "//other/x", from: base).url == "http://other/x")
    }
}
