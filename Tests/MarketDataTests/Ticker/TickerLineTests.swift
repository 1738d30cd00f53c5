import MarketData
import Testing

@Suite struct TickerLineTests {
    static func line(
        name: String = "Bitcoin",
        price: String = "45000.50",
        volume: String = "1000000000",
        marketCap: String = "850000000000",
        change: String = "2.5",
        symbol: String = "BTC"
    ) -> [UInt8] {
        var out: [UInt8] = []
        TickerLine.append(
            symbol: bytes(symbol).span,
            name: bytes(name).span,
            price: bytes(price).span,
            volume: bytes(volume).span,
            marketCap: bytes(marketCap).span,
            percentChange: bytes(change).span,
            timestamp: Timestamp(milliseconds: 1_734_273_000_000),
            source: bytes("coinpaprika").span,
            sourceID: bytes("btc-bitcoin").span,
            to: &out
        )
        return out
    }

    static func layout(_ line: [UInt8]) -> TickerLineLayout? { TickerLineLayout(line.span) }

    static func same(_ a: [UInt8], _ b: [UInt8]) -> Bool { TickerLine.sameContent(a.span, b.span) }

    @Test func theLineIsTheOneOfTheContract() {
        #expect(
            text(Self.line()) == """
                {"symbol":"BTC","name":"Bitcoin","price_usd":45000.50,"volume_24h":1000000000,"market_cap":850000000000,\
                "percent_change_24h":2.5,"timestamp":"2024-12-15T14:30:00Z","source":"coinpaprika","source_id":"btc-bitcoin"}
                """
        )
    }

    @Test func missingNumbersAreNull() {
        #expect(
            text(Self.line(volume: "", marketCap: "", change: "")).contains(
                #""volume_24h":null,"market_cap":null,"percent_change_24h":null,"#
            )
        )
    }

    @Test func textIsEscapedAndTheLineIsJSON() throws {
        let name = "a \"quoted\" \\ coin, {\"price_usd\":1} ₿"
        let line = Self.line(name: name, symbol: "\"")
        let root = try JSONDocument(parsing: line).root
        #expect(root.member("name")?.string == name)
        #expect(root.member("symbol")?.string == "\"")
        #expect(
            root.members.map { $0.key.string ?? "" } == [
                "symbol", "name", "price_usd", "volume_24h", "market_cap", "percent_change_24h", "timestamp", "source", "source_id",
            ]
        )
    }

    @Test func equalValuesWrittenDifferentlyAreTheSameContent() {
        let stored = Self.line(price: "1941062", change: "-0.10")
        #expect(Self.same(stored, stored))
        #expect(Self.same(stored, stored + [0x0A]))
        #expect(Self.same(stored, Self.line(price: "1941062.0", change: "-0.1") + [0x0A]))
        #expect(Self.same(Self.line(volume: ""), Self.line(volume: "")))
    }

    @Test func otherValuesAreOtherContent() {
        let stored = Self.line()
        #expect(!Self.same(stored, Self.line(name: "bitcoin")))
        #expect(!Self.same(stored, Self.line(price: "45000.51")))
        #expect(!Self.same(stored, Self.line(volume: "1000000001")))
        #expect(!Self.same(stored, Self.line(marketCap: "")))
        #expect(!Self.same(stored, Self.line(change: "-2.5")))
        #expect(!Self.same(Self.line(volume: "0"), Self.line(volume: "")), "unknown is not zero")
        #expect(!Self.same(Self.line(name: "a\",\"price_usd\":1"), Self.line(name: "a")))
    }

    @Test func damagedLinesEqualOnlyThemselves() {
        let line = Self.line()
        for end in 0..<line.count {
            #expect(!Self.same(line, Array(line[..<end])))
            #expect(Self.layout(Array(line[..<end])) == nil)
        }
        #expect(Self.same([], []))
    }

    @Test func theLayoutNamesEveryValue() throws {
        let line = Self.line(marketCap: "")
        let layout = try #require(Self.layout(line))
        #expect(text(line[layout.symbol]) == "\"BTC\"")
        #expect(text(line[layout.price]) == "45000.50")
        #expect(text(line[layout.marketCap]) == "null")
        #expect(text(line[layout.timestamp]) == "\"2024-12-15T14:30:00Z\"")
        #expect(text(line[layout.sourceID]) == "\"btc-bitcoin\"")
    }
}
