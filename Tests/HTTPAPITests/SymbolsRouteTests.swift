import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct SymbolsRouteTests {
    private struct Symbol: Decodable, Equatable {
        var symbol: String
        var sources: [String]
        var rows: Int
        var ambiguous: Bool
    }

    private let start = StoredRows.start
    private var server = TestServer()

    @Test func theAnswerHasTheDocumentedShape() async throws {
        var server = server
        server.rows = StoredRows([
            .init(name: "Old name", source: "coingecko", sourceID: "bitcoin", milliseconds: start),
            .init(name: "Bitcoin", source: "coingecko", sourceID: "bitcoin", milliseconds: start + 60_000),
            .init(name: "Other", source: "coingecko", sourceID: "other", milliseconds: start + 120_000),
            .init(name: "Bitcoin", source: "csv", milliseconds: start + 30_000),
        ])
        #expect(
            try await server.ask("/symbols").members
                == #""run_id":"etl_20241215_143022_3","data":[{"symbol":"BTC","names":["Bitcoin","Other"],"sources":["coingecko","csv"],"#
                + #""source_ids":{"coingecko":["bitcoin","other"],"csv":["BTC"]},"first_seen":"2024-12-15T00:00:00Z","last_seen":"2024-12-15T00:02:00Z","#
                + #""rows":4,"ambiguous":true}],"pagination":{"limit":50,"has_more":false,"next_cursor":null}"#
        )
        #expect(
            try await server.page("/symbols?source=csv", of: Symbol.self).data == [.init(symbol: "BTC", sources: ["csv"], rows: 1, ambiguous: false)]
        )
        #expect(try await server.page("/symbols?symbol=nope", of: Symbol.self).data.isEmpty)
    }

    @Test(arguments: [1, 2, 3, 50])
    func aWalkCountsEachLiveRowOnceWhereverItLies(limit: Int) async throws {
        var server = server
        let rows = StoredRows((0..<6).flatMap { coin in (0...Int64(coin)).map { .init(symbol: "C\(coin)", milliseconds: start + $0) } })
        try rows.store.seal()
        // Superseded, in a segment and in the log; another source; a symbol that comes only now.
        rows.insert([.init(symbol: "C3", milliseconds: start, price: "7"), .init(symbol: "C3", source: "b", milliseconds: start)])
        rows.insert([.init(symbol: "C3", milliseconds: start, price: "8"), .init(symbol: "D", milliseconds: start)])
        if limit == 2 { _ = try rows.store.compact() }
        server.rows = rows
        let pages = try await server.walk("/symbols", limit: limit, of: Symbol.self)
        #expect(pages.flatMap(\.self).map(\.rows) == [1, 2, 3, 5, 5, 6, 1])
        #expect(pages.flatMap(\.self).map(\.symbol) == ["C0", "C1", "C2", "C3", "C4", "C5", "D"])
        #expect(pages.dropLast().allSatisfy { $0.count == limit })
        #expect(pages.flatMap(\.self).map(\.ambiguous).contains(true) == false)
        #expect(try await server.page("/symbols?symbol=d,c0", of: Symbol.self).data.map(\.symbol) == ["C0", "D"])
    }

    @Test func anUnknownParameterIsSuggestedOne() async throws {
        #expect(try await server.ask("/symbols?sources=csv").problem().detail.contains("did you mean `source`?"))
    }
}
