import Testing

@testable import Ingest

/// Values that contradict a good name lower it by a band; they never lift one.
@Suite struct ValueEvidenceTests {
    /// Values, name, what its words alone would give.
    static let contradictions: [(String, [String], String)] = [
        ("usd_price", ["1.2%", "3.4%", "-0.1%"], "percentages"), ("usd_price", ["€ 43,250", "€ 2,280"], "euros"),
        ("usd_price", ["-1", "0", "-3"], "not positive"),
        ("usd_price", ["n", "x"], "words"), ("usd_price", ["1734273000", "1734273060"], "moments"),
        ("usd_price", [String](repeating: "17", count: 20), "always the same"), ("vol_24h", ["-5", "7", "8"], "negative"),
        ("marketCapUsd", ["12", "14", "3", "9.5", "120"], "far too small"), ("coin_name", ["1", "2", "3"], "numbers"),
        ("coin_name", ["https://a.test/b", "https://a.test/c"], "links"), ("coin_name", ["BTC", "ETH", "SOL"], "symbols"),
        ("updated_at", ["yesterday", "now"], "no times"), ("updated_at", ["45000.5", "3000"], "before 2009"),
        ("ticker", ["BTC/USDT", "ETH/USDT"], "pairs"),
        ("ticker", ["bitcoin", "ethereum", "shiba-inu"], "ids"), ("ticker", ["1", "2"], "numbers"), ("coin_symbol", ["$", "€"], "signs"),
        ("coin_symbol", ["USD", "EUR"], "currencies"), ("coin_symbol", ["Bitcoin", "Ethereum"], "names"),
        ("changePercent24Hr", ["52013.5", "1800.2", "-2400"], "absolute changes"),
        ("pct_change_24h", ["0.0213", "-0.018", "0.0004"], "shares of one"),
        ("coin_id", ["Shiba Inu", "Bitcoin Cash"], "names with blanks"),
    ]

    @Test(arguments: contradictions)
    func valuesThatCannotBeItLowerByABand(name: String, values: [String], what: String) throws {
        let alone = try #require(SchemaMapper.plain.outcome(name).applied)
        let outcome = SchemaMapper.plain.outcome(name, values)
        #expect(outcome.applied == nil, "\(what)")
        #expect(outcome.shown == alone, "\(what)")
        #expect(try #require(outcome.match).reasons.last?.hasPrefix("against: ") == true)
    }

    @Test(arguments: [("timestamp_unix", ["x", "y"]), ("close", ["1%", "2%"]), ("price_btc", ["abc", "def"])])
    func whatWasOnlyShownIsShownNoMore(name: String, values: [String]) {
        #expect(SchemaMapper.plain.outcome(name).shown != nil)
        #expect(SchemaMapper.plain.outcome(name, values).shown == nil)
    }

    @Test(arguments: [
        ("usd_price", ["$43,250.50", "1.2K", "5e-9", "-", "N/A", ""]), ("usd_price", ["1.234,56", "0,5"]), ("vol_24h", ["106.30K", "1.2B", "0"]),
        ("updated_at", ["1609286400000", "1605855600.0"]), ("updated_at", ["28/4/2013", "29/4/2013"]), ("updated_at", ["Sep 17, 2024"]),
        ("change_24h", ["3.60%", "-1.2%"]), ("ticker", ["btc", "eth"]), ("ticker", ["1INCH", "BTC", "W"]), ("coin_name", ["比特币", "Ðogecoin"]),
        ("coin_id", ["1", "1027"]), ("usd_price", ["", "-", "null"]),
    ])
    func valuesInAnyWrittenFormAreContent(name: String, values: [String]) {
        #expect(SchemaMapper.plain.outcome(name, values).applied != nil)
    }

    @Test func goodValuesDoNotLiftAPoorName() {
        #expect(SchemaMapper.plain.outcome("close", ["43250.5", "2280.75"]).applied == nil)
        #expect(SchemaMapper.plain.outcome("p", ["43250.5", "2280.75"]).match == nil)
    }

    @Test func aProfileIsOfConstantSize() {
        var profile = ValueProfile()
        for number in 0..<1_000 { profile.add(text: Array("\(number)\(String(repeating: "x", count: 500))".utf8).span) }
        #expect(profile.present == 1_000)
        #expect(profile.first.count == ValueProfile.keptValues)
        #expect(profile.first.allSatisfy { $0?.count == 64 })
    }
}
