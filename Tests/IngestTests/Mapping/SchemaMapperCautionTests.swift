import MarketData
import Testing

@testable import Ingest

/// What is not applied though its name would be good enough: other currencies, other facts, fields in place of declared ones.
@Suite struct SchemaMapperCautionTests {
    private static let prices = ["43250.5", "2280.75", "0.52"]

    // MARK: Another currency

    @Test(arguments: [
        ("symbol", ["BTC-AUD", "ETH-AUD", "XRP-AUD"]), ("symbol", ["BTC/CHF"]), ("symbol", ["THB_BTC", "THB_DOGE"]),
        ("symbol", ["BTCAUD", "ETHAUD"]),
        ("product_id", ["BTC-AUD", "SOL-AUD"]), ("symbol", ["BTC-KES"]),
    ])
    func besideNamesOfMarketsABarePriceIsShown(name: String, markets: [String]) {
        let decision = SchemaMapper.plain.decide(sample([sampled(name, markets), sampled("price", Self.prices)]))
        #expect(decision.match(for: .price) == nil)
        #expect(decision.bestCandidate(for: .price)?.from == "price")
    }

    @Test(arguments: [["BTC", "ETH", "SOL"], ["USDT", "USDC", "EURC"], ["shiba-inu", "usd-coin", "bitcoin"], ["GLCAUD", "BTC", "ETH"]])
    func otherSymbolsChangeNothing(symbols: [String]) {
        let decision = SchemaMapper.plain.decide(sample([sampled("symbol", symbols), sampled("price", Self.prices)]))
        #expect(decision.match(for: .price)?.from == "price")
    }

    @Test(arguments: [
        ("priceCurrency", ["EUR", "EUR", "EUR"]), ("fiat_currency", ["EUR"]), ("quote_asset", ["eur"]), ("unit", ["EUR", "GBP"]),
        ("x", ["USD", "AUD"]),
        ("quote_asset", ["USDT"]), ("price_currency", ["BTC"]), ("unit", [String](repeating: "USD", count: 60) + ["EUR"]),
    ])
    func aFieldOfOtherCurrenciesStatesWhatAmountsAreIn(name: String, codes: [String]) {
        for amount in ["price", "volume", "marketCap", "market_cap", "volume_24h"] {
            let decision = SchemaMapper.plain.decide(
                sample([sampled("symbol", ["BTC", "ETH", "XRP"]), sampled(name, codes), sampled(amount, ["43250.5", "2280.75", "1200"])])
            )
            #expect(decision.matches.map(\.from) == ["symbol"], "\(amount) beside \(name)")
            #expect(decision.candidates.contains { $0.from == amount }, "\(amount) beside \(name)")
        }
    }

    @Test func anAmountThatSaysDollarsIsInDollarsWhateverElseIsStated() {
        let decision = SchemaMapper.plain.decide(sample([sampled("unit", ["EUR"]), sampled("priceUsd", ["1"]), sampled("price_usd", ["1"])]))
        #expect(decision.match(for: .price)?.from == "price_usd")
        #expect(SchemaMapper.plain.decide(sample([sampled("unit", ["EUR"]), sampled("priceUsd", ["1"])])).match(for: .price) != nil)
    }

    @Test(arguments: [("unit", ["USD"]), ("symbol", ["EUR", "GBP"]), ("base_currency", ["EUR"]), ("unit", ["piece"]), ("/roi/unit", ["EUR"])])
    func otherFieldsStateNothing(name: String, values: [String]) {
        #expect(SchemaMapper.plain.decide(sample([sampled(name, values), sampled("price", ["1.1"])])).match(for: .price)?.confidence == 84)
    }

    // MARK: Another fact

    @Test(arguments: [
        ("token_created_at", TickerField.timestamp), ("coin_created_at", .timestamp), ("/token/created_at", .timestamp), ("created_time", .timestamp),
        ("created_timestamp", .timestamp), ("date_created", .timestamp), ("coin_volume_24h", .volume), ("volume 24h coins", .volume),
        ("market_change_24h", .percentChange),
    ])
    func namesOfNearFactsAreAtMostShown(name: String, target: TickerField) {
        let outcome = SchemaMapper.plain.outcome(name)
        #expect(outcome.applied == nil)
        #expect(outcome.shown == nil || outcome.shown == target)
    }

    @Test func aVolumeOfACoinInDollarsIsApplied() {
        #expect(SchemaMapper.plain.outcome("coin_volume_24h_usd").applied == .volume)
        #expect(SchemaMapper.plain.outcome("created_at").applied == .timestamp)
    }

    @Test func oneNameForManySymbolsIsDoubted() throws {
        func decide(_ symbols: [String]) -> SchemaDecision {
            SchemaMapper.plain.decide(
                sample([sampled("symbol", symbols), sampled("currency_name", [String](repeating: "US Dollar", count: symbols.count))])
            )
        }
        let many = decide(["BTC", "ETH", "XRP"])
        #expect(many.match(for: .name) == nil)
        #expect(try #require(many.bestCandidate(for: .name)).reasons.last == "against: 3 symbols have the same name")
        #expect(decide(["BTC", "BTC", "BTC"]).match(for: .name) != nil)
    }

    // MARK: In place of declared fields

    private static var declared: SchemaRules {
        var rules = SchemaRules()
        rules.declared = [.init(from: "/last", to: .price)]
        rules.cautious = [.price]
        return rules
    }

    @Test func onlyAnExplicitNameTakesThePlaceOfADeclaredFieldThatIsNotThere() throws {
        let mapper = SchemaMapper(rules: Self.declared)
        let plain = mapper.decide(sample([sampled("/current_price"), sampled("/coin_name")]))
        #expect(plain.matches.map(\.from) == ["/coin_name"], "other targets are as they were")
        let candidate = try #require(plain.bestCandidate(for: .price))
        #expect(candidate.confidence == 79)
        #expect(candidate.reasons.last == "against: the configuration says another field, which is not there")
        #expect(mapper.decide(sample([sampled("/current_price"), sampled("/priceUsd")])).match(for: .price)?.from == "/priceUsd")
        #expect(mapper.decide(sample([sampled("/price_usd")])).match(for: .price)?.origin == .exact)
        #expect(mapper.decide(sample([sampled("/last"), sampled("/priceUsd")])).match(for: .price)?.origin == .declared)
        var table = Self.declared
        table.cautious = []
        #expect(SchemaMapper(rules: table).decide(sample([sampled("/current_price")])).match(for: .price) != nil)
    }

    @Test func aForbiddenDeclarationIsNotTakenAndItsTargetIsOpen() {
        var rules = Self.declared
        rules.forbidden = [.init(from: "/last", to: .price)]
        let decision = SchemaMapper(rules: rules).decide(sample([sampled("/last"), sampled("/current_price")]))
        #expect(decision.match(for: .price)?.from == "/current_price")
        #expect(!decision.candidates.contains { $0.from == "/last" && $0.to == .price })
        #expect(SchemaMapper(rules: rules).decide(sample([sampled("/last")])).missing.contains(.price))
    }
}
