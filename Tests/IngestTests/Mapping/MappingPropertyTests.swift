import TestSupport
import Testing

@testable import Ingest

/// What holds for any fields, hostile ones included.
@Suite struct MappingPropertyTests {
    private static let corpus = Renames.pairs + Renames.heldOutPairs

    /// Up to 40 fields with different names, now and then with the values of another one.
    private static func anyFields(_ random: inout SplitMix64) -> [SampledField] {
        var names: Set<String> = []
        return (0..<random.below(40)).compactMap { _ in
            let rename = random.pick(corpus)
            guard names.insert(rename.name).inserted else { return nil }
            return sampled(rename.name, random.bool() ? rename.values : random.bool() ? random.pick(corpus).values : [])
        }
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func theOrderOfFieldsChangesNothing(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let fields = Self.anyFields(&random)
        let decision = SchemaMapper.plain.decide(sample(fields))
        let other = SchemaMapper.plain.decide(sample(fields.shuffled(using: &random)))
        #expect(decision.matches == other.matches)
        #expect(decision.candidates.sorted { $0.from < $1.from } == other.candidates.sorted { $0.from < $1.from })
        #expect(decision.unmapped.sorted() == other.unmapped.sorted())
    }

    @Test(arguments: 0..<100 as Range<UInt64>)
    func eachFieldEndsInOnePlaceAndEachTargetHasOneField(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let fields = Self.anyFields(&random)
        let decision = SchemaMapper.plain.decide(sample(fields))
        let places = decision.matches.map(\.from) + decision.candidates.map(\.from) + decision.unmapped
        #expect(places.sorted() == fields.map(\.name).sorted())
        #expect(Set(decision.matches.map(\.to)).count == decision.matches.count)
        #expect(decision.matches.allSatisfy { (80...100).contains($0.confidence) && !$0.reasons.isEmpty })
        #expect(decision.candidates.allSatisfy { (50..<80).contains($0.confidence) && !$0.reasons.isEmpty })
        #expect(decision.missing == TickerField.required.filter { decision.match(for: $0) == nil })
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func valuesNeverLiftANameIntoABetterBand(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let rename = random.pick(Self.corpus)
        let values = random.pick(Self.corpus).values
        let alone = SchemaMapper.plain.outcome(rename.name)
        let outcome = SchemaMapper.plain.outcome(rename.name, values)
        if outcome.applied != nil { #expect(outcome.applied == alone.applied, "\(rename.name): \(values)") }
        if alone.match == nil { #expect(outcome.match == nil, "\(rename.name): \(values)") }
    }

    static let hostile = [
        "", " ", "_", ".", "/", "//", "...", "::", "@", "%", "$", "€", "💰", "💰_price_usd_💰", "\u{0}", "\u{202E}price", "price\u{301}", "prix", "цена",
        "価格", "24", "h24",
        "999999999999999999999h", "24h24h24h", "usdusdusdusdusd", "PRICEPRICE", "pricepriceprice", "price_price_price_usd",
        "a.b.c.d.e.f.g.h.i.j.k.l.m.n.price_usd",
    ]

    @Test(arguments: hostile)
    func strangeNamesAreRead(name: String) {
        let decision = SchemaMapper.plain.decide(SchemaSample(fields: [SampledField(name: name, path: [name]), SampledField(name: "p", path: [])]))
        #expect(decision.matches.count + decision.candidates.count + decision.unmapped.count == 2)
    }

    @Test func namesOverTheLimitsSayNothing() {
        let long = String(repeating: "price_usd_", count: 1_024)
        let deep = [String](repeating: "data", count: 12) + ["price_usd"]
        let decision = SchemaMapper.plain.decide(
            SchemaSample(fields: [SampledField(name: long, path: [long]), SampledField(name: "/deep", path: deep), sampled("usd_price")])
        )
        #expect(decision.matches.map(\.from) == ["usd_price"])
        #expect(decision.unmapped == [long, "/deep"])
    }

    @Test func ofThousandsOfFieldsTheFirst512ByTheirNamesAreLookedAt() {
        let wide = (0..<5_000).map { sampled("usd_price_of_column_\($0)_" + String(repeating: "x", count: 200)) }
        let decision = SchemaMapper.plain.decide(sample(wide + [sampled("usd_price")]))
        #expect(decision.matches.map(\.from) == ["usd_price"])
        #expect(decision.unmapped.count == 5_000)
        let equal = (0..<600).map { sampled("usd_price" + String(repeating: "_", count: $0 % 200) + String(repeating: ".", count: $0 / 200)) }
        #expect(SchemaMapper.plain.decide(sample(equal)).matches.isEmpty)
    }

    @Test(arguments: [
        ("price", "pirce", true), ("price", "prices", true), ("price", "pric", true), ("price", "price", true), ("price", "rpicee", false),
        ("ab", "ba", true),
    ])
    func oneWrongLetterIsOneEdit(a: String, b: String, isNear: Bool) {
        #expect(NameSplitter.isOneEditAway(Array(a.utf8), Array(b.utf8)) == isNear)
        #expect(NameSplitter.isOneEditAway(Array(b.utf8), Array(a.utf8)) == isNear)
    }

    @Test(arguments: [
        ("volumeUsd24Hr", "volume usd 24hr"), ("24h_volume_usd", "24h volume usd"), ("USDPrice", "usd price"),
        ("CHANGEPCT24HOUR", "change pct 24hour"),
        ("marketcap(USD)", "marketcap usd"), ("d:PRICE_USD", "price usd"), ("link@href", "link href"), ("Mkt. Cap.", "mkt cap"),
        ("lastUpdatedAt", "last updated at"),
        ("h24", "h24"), ("price_7d", "price 7d"), ("volume24", "volume 24"), ("coinid", "coin id"), ("priceusd", "price usd"),
    ])
    func namesAreCutIntoWords(name: String, words: String) throws {
        #expect(try #require(FieldName(path: [name])).words.map(\.text).joined(separator: " ") == words)
    }
}
