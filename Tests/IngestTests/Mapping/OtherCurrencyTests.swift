import MarketData
import TestSupport
import Testing

@testable import Ingest
@testable import TickerStore

/// A mapping that was decided among dollars takes nothing else for them later on (spec section 4).
@Suite struct OtherCurrencyTests {
    private static let header = "symbol,price,currency,timestamp\n"

    private static func rows(_ count: Int, _ currency: String, from first: Int = 0) -> String {
        (first..<first + count).map { "C\($0 % 50),\($0 + 1).5,\(currency),\(Timestamp(milliseconds: 1_734_220_800_000 + Int64($0) * 1_000))\n" }
            .joined()
    }

    @Test func aLaterFileInEurosIsNotTakenForDollars() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + Self.rows(20, "USD"))
        #expect(try await bench.run().inserted == 20)
        try bench.restart()
        try bench.put("b.csv", Self.header + Self.rows(20, "EUR", from: 100))
        let run = try await bench.run()
        #expect(run.inserted == 0 && run.quarantined == 20, "\(run)")
        #expect(bench.quarantineReasons == ["other_currency": 20])
    }

    @Test(arguments: ["$", "US$", " us dollars ", "Usd", "", "n/a"]) func dollarsByAnotherNameAreDollars(text: String) {
        let isOther = CurrencyField(name: "c", isStrict: true).speaksAgainstDollars(Array(text.utf8).span)
        #expect(!isOther, "\(text)")
    }

    @Test func eurosBehindTheFirstThousandRecordsAreSeen() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + Self.rows(1_500, "usd") + Self.rows(10, "EUR", from: 2_000) + Self.rows(5, "", from: 3_000))
        let run = try await bench.run()
        #expect(run.inserted == 1_505 && run.quarantined == 10, "\(run)")
    }

    @Test(arguments: ["", OtherCurrencyTests.rows(3, "")]) func aFileThatSaysNoCurrencyYetDecidesNothingAboutIt(first: String) async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + first)
        _ = try await bench.run()
        try bench.put("b.csv", Self.header + Self.rows(4, "GBP", from: 10) + Self.rows(4, "USD", from: 20))
        let run = try await bench.run()
        #expect(run.inserted == 4 && run.quarantined == 4, "\(run)")
    }

    @Test func aColumnOfDollarsCountsWhateverItIsCalled() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price,unit,timestamp\n" + Self.rows(5, "USD"))
        #expect(try await bench.run().inserted == 5)
        try bench.put("b.csv", "symbol,price,unit,timestamp\n" + Self.rows(5, "EUR", from: 10))
        #expect(try await bench.run().quarantined == 5)
    }

    @Test func anAmountThatSaysDollarsItselfAsksNobody() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,currency,timestamp\n" + Self.rows(5, "USD") + Self.rows(5, "EUR", from: 10))
        #expect(try await bench.run().inserted == 10)
    }

    @Test func whatPeopleHaveApprovedAsksNobody() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", Self.header + Self.rows(5, "USD"))
        _ = try await bench.run()
        _ = try bench.runs.change(MappingChange(action: .approve, source: "csv", field: "price", target: "price_usd"))
        try bench.put("b.csv", Self.header + Self.rows(5, "EUR", from: 10))
        #expect(try await bench.run().inserted == 5)
    }

    @Test func aLaterPageInEurosIsNotTakenForDollars() async throws {
        func page(_ coin: String, _ currency: String) -> String {
            #"[{"id":"\#(coin)","symbol":"\#(coin)","price":1.5\#(currency),"last_updated":"2025-11-03T08:41:52Z"}]"#
        }
        let server = ScriptedServer()
        defer { server.stop() }
        let pages = [page("a", #","currency":"usd""#), page("b", ""), page("c", #","currency":"eur""#), "[]"]
        server.play(all: pages.map { .answer(body: $0) })
        var source = HTTPWalkTests.source(server)
        guard case .http(var http) = source.kind else { return }
        http.fields = [.symbol: "/symbol", .sourceID: "/id", .timestamp: "/last_updated"]
        source.kind = .http(http)
        let bench = try Workbench(sources: [source])
        let run = try await bench.run()
        #expect(run.inserted == 2 && run.quarantined == 1, "\(run)")
        #expect(bench.quarantineReasons == ["other_currency": 1])
    }

    @Test func aDecisionOfAnOlderStoreIsReadAndChecked() throws {
        let rules = SchemaRules()
        var sample = SchemaSample()
        sample.fields = ["symbol", "price", "currency", "timestamp"].map { SampledField(name: $0, path: [$0]) }
        let decision = SchemaMapper(rules: rules).decide(sample)
        let shape = KnownShape(source: "csv", names: sample.fields.map(\.name), rules: rules, decision: decision)
        let now = String(decoding: try #require(shape.change.value), as: UTF8.self)
        #expect(try #require(KnownShape(key: shape.key, value: Array(now.utf8))).decision.checkedCurrencies == decision.checkedCurrencies)
        let old = now.replacing(#""by_currency":true"#, with: #""unknown":0"#).replacing(#""currencies""#, with: #""unknown_too""#)
        let read = try #require(KnownShape(key: shape.key, value: Array(old.utf8)))
        #expect(read.decision.match(for: .price)?.from == "price")
        #expect(read.decision.checkedCurrencies == [CurrencyField(name: "currency", isStrict: false)])
    }
}
