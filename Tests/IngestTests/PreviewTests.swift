import MarketData
import TestSupport
import Testing

@testable import Ingest

/// What `kasparro preview` shows, and that it leaves nothing behind.
@Suite struct PreviewTests {
    @Test func aFileIsShownWithTheColumnsThatAreTakenAndStoresNothing() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "ticker,usd_price,time,mood\nBTC,1.50,2024-12-15,good\nETH,x,2024-12-15,bad\n")
        let report = Preview(of: bench.sources[0], environment: bench.environment).report()
        #expect(report.records == 2 && report.good == 1 && report.quarantined == 1 && report.errors.isEmpty, "\(report)")
        #expect(report.decisions.first { $0.field == "price_usd" } == MappingDecision(field: "price_usd", from: "usd_price", reason: .declared))
        #expect(report.decisions.first { $0.field == "market_cap" }?.reason == .absent && report.unmapped == ["mood"])
        #expect(report.rows.count == 1 && report.rows[0].contains(#""price_usd":1.50"#))
        #expect(report.rejections.map(\.reasons) == [["bad_number"]] && report.rejections[0].position == 3)
        #expect(try bench.lines().isEmpty)
        #expect(try await bench.run().inserted == 1, "the file counts as read")
    }

    @Test func anotherFileTakesThePlaceOfTheInbox() throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nBTC,1,2024-12-15\n")
        try bench.put("b.txt", "symbol,price_usd,timestamp\nETH,1,2024-12-15\n")
        let report = Preview(of: bench.sources[0], environment: bench.environment).report(file: bench.path + "/inbox/b.txt")
        #expect(report.rows.count == 1 && report.rows[0].contains("ETH"), "\(report)")
    }

    @Test func aServerIsAskedForOnePageAndTheSpendIsKept() throws {
        let server = ScriptedServer(answers: [.answer(body: Coins.geckos(1...5)), .answer(body: "[]")])
        defer { server.stop() }
        var source = BuiltInSources.coingecko(override: server.url + "/markets", userAgent: "test")
        if case .http(var http) = source.kind {
            http.isPageLimitDeclared = false
            source.kind = .http(http)
        }
        let bench = try Workbench(sources: [source])
        let report = try bench.runs.preview(source: "coingecko")
        #expect(report.good == 5 && report.rows.count == 3 && report.errors.isEmpty, "\(report)")
        #expect(server.requests.count == 1)
        try bench.restart()
        #expect(bench.runs.sources()[0].tokensRemaining == 2, "the spend is forgotten")
    }

    @Test func previewsDoNotOpenTheCircuit() throws {
        let server = ScriptedServer(answers: [.answer("404 Not Found", body: "")])
        defer { server.stop() }
        let bench = try Workbench(sources: [BuiltInSources.coinpaprika(override: server.url + "/v1", userAgent: "test")])
        for _ in 0..<4 { #expect(try !bench.runs.preview(source: "coinpaprika").errors.isEmpty) }
        #expect(bench.runs.sources()[0].limits?.circuit == "closed" && server.requests.count == 4)
    }

    @Test func aSavedAnswerNeedsNoServer() throws {
        let bench = try Workbench()
        try bench.put("page.json", Coins.page(Coins.paprika("BTC"), Coins.paprika("ETH", price: "-1")))
        let source = BuiltInSources.coinpaprika(override: nil, userAgent: "test")
        let report = Preview(of: source, environment: bench.environment).report(file: bench.path + "/inbox/page.json")
        #expect(report.good == 1 && report.rejections.map(\.reasons) == [["price_not_positive"]], "\(report)")
    }

    @Test(arguments: ["", "not a table", "{"]) func whatCannotBeReadSaysWhy(text: String) throws {
        let bench = try Workbench()
        try bench.put("a.csv", text)
        let report = Preview(of: bench.sources[0], environment: bench.environment).report()
        #expect(report.good == 0 && !report.errors.isEmpty, "\(report)")
    }

    @Test func theReportIsTheSameBehindTheControlSocket() throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nBTC,1,2024-12-15\nETH,\"1\n2\",x\n")
        let report = Preview(of: bench.sources[0], environment: bench.environment).report()
        var writer = JSONWriter()
        writer.beginObject()
        report.appendMembers(to: &writer)
        writer.endObject()
        let again = try #require(PreviewReport(JSONDocument(parsing: writer.bytes).root))
        #expect("\(again)" == "\(report)")
    }
}
