import MarketData
import Testing

@testable import Ingest

/// What is settled before what, and what people get to see of the rest.
@Suite struct SchemaMapperTests {
    private func fields(_ names: [String]) -> SchemaSample { sample(names.map { sampled($0) }) }

    @Test func theHeaderOfTheSeedDriftIsMappedButForItsUnixTime() throws {
        let decision = SchemaMapper.plain.decide(
            sample([
                sampled("symbol", ["BTC", "ETH"]), sampled("coin_name", ["Bitcoin", "Ethereum"]), sampled("price_in_usd", ["43250.5", "2280.75"]),
                sampled("vol_24h", ["28500000000", "15200000000"]), sampled("market_capitalization", ["845000000000", "274000000000"]),
                sampled("change_24h", ["2.34", "-1.87"]), sampled("timestamp", ["2024-12-15T14:30:00Z", "1734273000"]),
                sampled("timestamp_unix", ["1734273000", "1734273000"]),
            ])
        )
        #expect(
            decision.matches.map(\.from) == ["symbol", "coin_name", "price_in_usd", "vol_24h", "market_capitalization", "change_24h", "timestamp"]
        )
        #expect(decision.match(for: .timestamp)?.origin == .exact)
        #expect(try #require(decision.match(for: .price)).confidence >= 80)
        #expect(decision.candidates.map(\.from) == ["timestamp_unix"])
        #expect(decision.bestCandidate(for: .timestamp)?.reasons.last == "against: timestamp has a field of its own")
        #expect(decision.unmapped.isEmpty)
        #expect(decision.missing.isEmpty)
    }

    @Test func declaredComesBeforeApprovedBeforeExactBeforeInferred() {
        var rules = SchemaRules()
        rules.approved = [.init(from: "b", to: .price)]
        let names = fields(["a", "b", "price_usd", "usd_price"])
        #expect(SchemaMapper(rules: SchemaRules()).decide(names).match(for: .price)?.from == "price_usd")
        #expect(SchemaMapper(rules: rules).decide(names).match(for: .price)?.origin == .approved)
        rules.declared = [.init(from: "missing", to: .price), .init(from: "a", to: .price)]
        #expect(SchemaMapper(rules: rules).decide(names).match(for: .price)?.from == "a")
    }

    @Test func aFieldWhoseTargetIsGivenByItsExactNameIsShown() throws {
        let decision = SchemaMapper.plain.decide(fields(["price_usd", "usd_price"]))
        #expect(decision.matches.map(\.from) == ["price_usd"])
        #expect(try #require(decision.bestCandidate(for: .price)).confidence == 79)
    }

    @Test func nothingIsShownForWhatTheOperatorHasDeclared() {
        var rules = SchemaRules()
        rules.declared = [.init(from: "last", to: .price)]
        rules.constants = [.symbol]
        let decision = SchemaMapper(rules: rules).decide(fields(["last", "usd_price", "ticker"]))
        #expect(decision.matches.map(\.from) == ["last"])
        #expect(decision.candidates.isEmpty)
        #expect(decision.unmapped == ["usd_price", "ticker"])
        #expect(decision.missing == [.timestamp])
    }

    @Test func frozenSourcesInferNothing() {
        var rules = SchemaRules()
        rules.infers = false
        let decision = SchemaMapper(rules: rules).decide(fields(["symbol", "usd_price", "close"]))
        #expect(decision.matches.map(\.from) == ["symbol"])
        #expect(decision.candidates.isEmpty)
        #expect(decision.unmapped == ["usd_price", "close"])
    }

    @Test func forbiddenPairsAndFieldsAreNeitherUsedNorShown() {
        var rules = SchemaRules()
        rules.forbidden = [.init(from: "usd_price", to: .price)]
        rules.forbiddenFields = ["vol_24h"]
        let decision = SchemaMapper(rules: rules).decide(fields(["usd_price", "vol_24h", "coin_name"]))
        #expect(decision.matches.map(\.from) == ["coin_name"])
        #expect(decision.unmapped == ["usd_price", "vol_24h"])
    }

    @Test func twoNamesThatSayTheSameAreTakenOnlyWithTheSameValues() throws {
        let same = SchemaMapper.plain.decide(sample([sampled("usd_price", ["1.50", "2"]), sampled("price_in_usd", ["1.5", "2.0"])]))
        #expect(same.match(for: .price)?.from == "usd_price", "the shorter name is the earlier one")
        #expect(same.candidates.map(\.from) == ["price_in_usd"])
        let other = SchemaMapper.plain.decide(sample([sampled("usd_price", ["1.50", "2"]), sampled("price_in_usd", ["1.5", "3"])]))
        #expect(other.matches.isEmpty)
        #expect(other.candidates.map(\.from) == ["usd_price", "price_in_usd"])
        #expect(other.candidates.allSatisfy { $0.confidence == 79 })
        #expect(try #require(other.candidates.first).reasons.last == "against: price_in_usd says the same, with other values")
        #expect(other.missing.contains(.price))
        #expect(SchemaMapper.plain.decide(fields(["usd_price", "price_in_usd"])).matches.isEmpty, "nothing is known of the values")
    }

    @Test func theBetterNameIsTakenAndTheOtherShown() throws {
        let decision = SchemaMapper.plain.decide(fields(["price", "priceUsd"]))
        #expect(decision.match(for: .price)?.from == "priceUsd")
        #expect(decision.bestCandidate(for: .price)?.from == "price")
        #expect(try #require(decision.bestCandidate(for: .price)).reasons.last == "against: price_usd is given by priceUsd")
    }

    @Test func reasonsSayWhatSpeaksForAndAgainst() throws {
        let match = try #require(SchemaMapper.plain.outcome("pirce_in_usd", ["1", "2", "0"]).match)
        #expect(match.reasons == ["name: the words pirce, in, usd", "against: pirce is taken for price", "against: 2 of 3 values are above zero"])
        let close = try #require(SchemaMapper.plain.outcome("close", ["1", "2"]).match)
        #expect(close.reasons == ["name: the word close", "against: the name says no currency", "values: 2 of 2 are positive numbers"])
    }

    @Test func jsonRecordsAreReadWithoutTheirContainers() throws {
        let document = try JSONDocument(parsing: Array(#"{"price": {"usd": 1}, "name": true, "ticker": ["a"], "last": null, "volume": 12}"#.utf8))
        var sample = SchemaSample(records: 1)
        for (name, path) in [("/price", ["price"]), ("/coinName", ["name"]), ("/ticker", ["ticker"]), ("/vol_24h", ["volume"])] {
            var field = SampledField(name: name, path: [String(name.dropFirst())])
            field.values.add(json: document.root.member(path[0]))
            sample.fields.append(field)
        }
        let decision = SchemaMapper.plain.decide(sample)
        #expect(decision.matches.map(\.from) == ["/vol_24h"])
        #expect(decision.candidates.isEmpty)
    }
}
