import Ingest
import Testing

@testable import KasparroCLI

@Suite struct ConfigurationChangesTests {
    private static func values(_ texts: [(String, String)]) -> [ConfiguredValue] {
        texts.map { ConfiguredValue(path: $0, json: Array($1.utf8), origin: "a.conf:1") }
    }

    private static let old = values([
        ("listen", "\"127.0.0.1:8080\""), ("log_level", "\"info\""), ("every", "\"1h\""), ("sources.a.quota.per_minute", "3"),
        ("sources.a.url", "\"http://a\""),
    ])

    @Test func nothingIsNothing() {
        #expect(ConfigurationChanges(from: Self.old, to: Self.old).text == "nothing is different")
    }

    @Test func theOriginOfAValueIsNoChange() {
        let moved = Self.old.map { ConfiguredValue(path: $0.path, json: $0.json, origin: "default") }
        #expect(ConfigurationChanges(from: Self.old, to: moved).applied.isEmpty)
    }

    @Test func changesAreNamedAsPeopleNameThem() {
        let new = Self.values([
            ("listen", "\"127.0.0.1:9090\""), ("log_level", "\"debug\""), ("every", "\"1h\""), ("sources.a.quota.per_minute", "5"),
            ("sources.a.quota.per_month", "100"), ("sources.a.url", "\"http://a\""),
        ])
        #expect(ConfigurationChanges(from: Self.old, to: new).text == "log_level, sources.a.quota; listen needs a restart")
    }

    @Test func aSourceThatComesOrGoesIsOneName() {
        let new = Self.old.filter { !$0.path.hasPrefix("sources.") } + Self.values([("sources.b.url", "1"), ("sources.b.kind", "2")])
        #expect(ConfigurationChanges(from: Self.old, to: new).text == "sources.a, sources.b")
    }

    @Test func aLongListIsCut() {
        let new = Self.old + (0..<15).map { ConfiguredValue(path: "sources.n\($0).url", json: [0x31], origin: "") }
        #expect(ConfigurationChanges(from: Self.old, to: new).text.hasSuffix("sources.n11 and 3 more"))
    }
}
