import MarketData
import Testing

@Suite struct NearestNameTests {
    static let names = ["price_usd", "volume_24h", "market_cap", "timestamp", "source", "symbol"]

    @Test(arguments: [
        ("price_uds", "price_usd"), ("volume24h", "volume_24h"), ("Timestamp", "timestamp"), ("markt_cap", "market_cap"),
        ("sorce", "source"), ("symbl", "symbol"), ("source", "source"),
    ])
    func misspeltNamesFindTheirOwn(typed: String, meant: String) {
        #expect(NearestName.of(typed, among: Self.names) == meant)
    }

    @Test(arguments: ["", "rank", "x", "fully_diluted_valuation", String(repeating: "a", count: 65)])
    func strangersFindNothing(typed: String) {
        #expect(NearestName.of(typed, among: Self.names) == nil)
    }

    @Test func theNearestThenTheFirstWins() {
        #expect(NearestName.of("port", among: ["part", "sort", "ports"]) == "part")
        #expect(NearestName.of("ab", among: ["ba"]) == "ba", "a swap is one mistake")
        #expect(NearestName.of("a", among: ["b"]) == nil, "nothing is left of it")
        #expect(NearestName.of("a", among: []) == nil)
    }
}
