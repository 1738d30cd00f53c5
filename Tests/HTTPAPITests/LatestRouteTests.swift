// The properties of decoded answers have the names on the wire.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct LatestRouteTests {
    private struct Row: Decodable, Equatable {
        var symbol: String
        var source: String
        var price_usd: Double
    }

    private var server = TestServer()

    @Test func theAnswerHasTheDocumentedShape() async throws {
        var server = server
        server.rows = StoredRows([
            .init(name: "Bit\"coin", source: "coingecko", sourceID: "bitcoin", milliseconds: StoredRows.start, price: "0.00000000000000000012300"),
            .init(milliseconds: StoredRows.start, price: "1"), .init(milliseconds: StoredRows.start + 1, price: "2.50"),
        ])
        #expect(
            try await server.ask("/latest").members
                == #""run_id":"etl_20241215_143022_3","data":[{"symbol":"BTC","name":"Bit\"coin","price_usd":0.00000000000000000012300,"volume_24h":null,"#
                + #""market_cap":null,"percent_change_24h":null,"timestamp":"2024-12-15T00:00:00Z","source":"coingecko","source_id":"bitcoin"},"#
                + #"{"symbol":"BTC","name":"BTC","price_usd":2.50,"volume_24h":null,"market_cap":null,"percent_change_24h":null,"#
                + #""timestamp":"2024-12-15T00:00:00.001Z","source":"csv","source_id":"BTC"}],"#
                + #""pagination":{"limit":50,"has_more":false,"next_cursor":null}"#
        )
    }

    @Test func anEmptyStoreHasAnEmptyList() async throws {
        var server = server
        server.rows = StoredRows()
        #expect(
            try await server.ask("/latest").members
                == #""run_id":"etl_20241215_143022_3","data":[],"pagination":{"limit":50,"has_more":false,"next_cursor":null}"#
        )
    }

    /// Rows in segments, merged and not, superseded ones among them, and in the log.
    private func mixed() throws -> StoredRows {
        let start = StoredRows.start
        let rows = StoredRows((0..<9).map { .init(symbol: "S\($0)", milliseconds: start + 1_000, price: "1") })
        try rows.store.seal()
        rows.insert((0..<9).map { .init(symbol: "S\($0)", milliseconds: start + Int64($0 % 3) * 1_000, price: "2") })
        try rows.store.seal()
        _ = try rows.store.compact()
        rows.insert([.init(symbol: "S4", milliseconds: start + 1_000, price: "3"), .init(symbol: "S5", milliseconds: start + 2_000, price: "4")])
        try rows.store.seal()
        rows.insert([.init(symbol: "S6", milliseconds: start + 3_000, price: "5"), .init(symbol: "S7", milliseconds: start, price: "6")])
        return rows
    }

    @Test(arguments: [1, 2, 4, 9, 1000])
    func aWalkGivesTheNewestRowOfEachSeriesOnce(limit: Int) async throws {
        var server = server
        server.rows = try mixed()
        let pages = try await server.walk("/latest", limit: limit, of: Row.self) {
            // Series that sort behind and before the place of the walk; neither may shift it.
            server.rows.insert([.init(symbol: "A\(limit)", milliseconds: StoredRows.start, price: "9")])
        }
        #expect(pages.flatMap(\.self).map(\.symbol) == (0..<9).map { "S\($0)" })
        #expect(pages.flatMap(\.self).map(\.price_usd) == [1, 2, 2, 1, 3, 4, 5, 2, 2])
    }

    @Test func filtersChooseAndTravelInTheCursor() async throws {
        var server = server
        server.rows = StoredRows(count: 12, symbols: ["BTC", "ETH", "XRP"], sources: ["a", "b", "c", "d"])
        let first = try await server.page("/latest?symbol=btc,xrp&source=a,b&limit=1", of: Row.self)
        let cursor = try #require(first.pagination.next_cursor)
        let rest = try await server.page("/latest?cursor=\(cursor)", of: Row.self)
        #expect((first.data + rest.data).map { $0.symbol + $0.source } == ["BTCa", "BTCb", "XRPa", "XRPb"])
        #expect(try await server.page("/latest?source_id=ETH", of: Row.self).data.count == 4)
        #expect(try await server.ask("/latest?cursor=\(cursor)&symbol=BTC").problem().code == "contradicts_cursor")
        #expect(try await server.ask("/latest?cursor=\(cursor)&symbol=XRP,BTC").status == .ok)
        #expect(try await server.ask("/symbols?cursor=\(cursor)").problem().code == "invalid_cursor")
    }

    @Test(arguments: [("limit=0", "limit"), ("limit=1001", "limit"), ("cursor=x", "cursor"), ("symbl=BTC", "symbl"), ("from=2024-01-01", "from")])
    func aBadParameterIsNamed(query: String, parameter: String) async throws {
        let problem = try await server.ask("/latest?\(query)").problem()
        #expect(problem.status == 400 && problem.parameter == parameter)
        if parameter == "symbl" { #expect(problem.detail.contains("did you mean `symbol`?")) }
    }
}
