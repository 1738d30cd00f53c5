import Testing

@testable import Ingest

/// What the store holds only ever lowers.
@Suite struct MagnitudeTests {
    private static let held = ["BTC": 43_000.0, "ETH": 2_300, "XRP": 0.5, "SOL": 97]

    private func decide(_ symbols: [String], _ prices: [String], name: String = "usd_price") -> SchemaDecision {
        SchemaMapper(rules: SchemaRules()) { symbol, field in field == .price ? Self.held[symbol] : nil }
            .decide(sample([sampled("symbol", symbols), sampled(name, prices)]))
    }

    @Test func pricesLikeThoseInTheStoreAreTaken() {
        #expect(decide(["btc", "eth", "xrp"], ["43250.5", "2280", "0.52"]).match(for: .price) != nil)
    }

    @Test(arguments: [["61200000", "3200000", "712"], ["1", "0.05", "0.00001"]])
    func pricesInAnotherUnitAreOnlyShown(prices: [String]) throws {
        let decision = decide(["BTC", "ETH", "XRP"], prices)
        #expect(decision.match(for: .price) == nil)
        #expect(try #require(decision.bestCandidate(for: .price)).reasons.last?.hasPrefix("against: for 3 symbols the values are") == true)
    }

    @Test func twoSymbolsProveNothing() {
        #expect(decide(["BTC", "ETH", "BTC", "NEW"], ["61200000", "3200000", "61200000", "5"]).match(for: .price) != nil)
    }

    @Test func aGoodMagnitudeDoesNotLiftAPoorName() {
        #expect(decide(["BTC", "ETH", "XRP"], ["43250.5", "2280", "0.52"], name: "close").match(for: .price) == nil)
    }

    @Test func theSymbolMayBeInferredToo() {
        let mapper = SchemaMapper(rules: SchemaRules()) { symbol, _ in Self.held[symbol] }
        let fields = [sampled("ticker", ["BTC", "ETH", "XRP"]), sampled("usd_price", ["61200000", "3200000", "712"])]
        #expect(mapper.decide(sample(fields)).matches.map(\.to) == [.symbol])
    }
}
