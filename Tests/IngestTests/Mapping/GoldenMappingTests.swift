import Testing

@testable import Ingest

/// The table of spec section 4, pair by pair: with values that fit, and by the names alone.
@Suite struct GoldenMappingTests {
    private static let fitting: [TickerField: [String]] = [
        .symbol: ["BTC", "ETH", "XRP"],
        .name: ["Bitcoin", "Ethereum", "XRP"],
        .price: ["43250.5", "2280.75", "0.5213"],
        .volume: ["28500000000", "15200000000", "0"],
        .marketCap: ["845000000000", "274000000000", "28100000000"],
        .percentChange: ["2.34", "-1.87", "0.03"],
        .timestamp: ["2024-12-15T14:30:00Z", "2024-12-15T14:31:00Z", "2024-12-15T14:29:12Z"],
    ]

    private static let applied: [(String, TickerField)] = [
        ("price_in_usd", .price), ("usd_price", .price), ("price_dollars", .price), ("priceUsd", .price), ("coin_name", .name), ("coinName", .name),
        ("market_capitalization", .marketCap), ("marketCapUsd", .marketCap), ("mkt_cap", .marketCap), ("vol_24h", .volume),
        ("volumeUsd24Hr", .volume),
        ("tx_volume_24h", .volume), ("change_24h", .percentChange), ("changePercent24Hr", .percentChange), ("pct_change_24h", .percentChange),
        ("ticker", .symbol), ("coin_symbol", .symbol), ("last_updated", .timestamp), ("updated_at", .timestamp),
    ]
    private static let quarantined: [(String, TickerField)] = [
        ("timestamp_unix", .timestamp), ("Close", .price), ("close", .price), ("price_btc", .price), ("volume_7d", .volume),
        ("price_change_24h", .percentChange),
    ]
    private static let ignored = ["rank", "image", "ath", "max_supply", "roi", "id"]

    @Test(arguments: applied, [true, false])
    func isApplied(pair: (String, TickerField), withValues: Bool) throws {
        let outcome = SchemaMapper.plain.outcome(pair.0, withValues ? try #require(Self.fitting[pair.1]) : [])
        #expect(outcome.applied == pair.1)
        #expect((80..<100).contains(try #require(outcome.match).confidence))
    }

    @Test(arguments: quarantined, [true, false])
    func isQuarantined(pair: (String, TickerField), withValues: Bool) throws {
        let outcome = SchemaMapper.plain.outcome(pair.0, withValues ? try #require(Self.fitting[pair.1]) : [])
        #expect(outcome.applied == nil)
        #expect(outcome.shown == pair.1)
        #expect((50..<80).contains(try #require(outcome.match).confidence))
    }

    @Test(arguments: ignored, [[], ["1", "2", "3"], ["bitcoin", "ethereum", "ripple"], ["https://example.test/1.png"]])
    func isIgnored(name: String, values: [String]) {
        let decision = SchemaMapper.plain.decide(sample([sampled(name, values)]))
        #expect(decision.matches.isEmpty)
        #expect(decision.candidates.isEmpty)
        #expect(decision.unmapped == [name])
        #expect(decision.missing == TickerField.required)
    }

    @Test func aPayloadInWonHasNoPrice() {
        let decision = SchemaMapper.plain.decide(sample([sampled("/symbol", ["BTC"]), sampled("/quotes/KRW/price", ["61200000"])]))
        #expect(decision.match(for: .price) == nil)
        #expect(decision.candidates.isEmpty)
        #expect(decision.unmapped == ["/quotes/KRW/price"])
        #expect(decision.missing == [.price, .timestamp])
    }
}
