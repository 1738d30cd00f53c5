import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct RawRouteTests {
    private struct Raw: Decodable, Equatable {
        struct Record: Decodable, Equatable { var price: String }
        var symbol: String
        var batch: Int
        var record: Record
    }

    private let start = StoredRows.start
    private var server = TestServer()

    @Test func theAnswerHasTheDocumentedShape() async throws {
        var server = server
        server.rows = StoredRows([.init(sourceID: "a/b ü", milliseconds: start, price: "1.50")])
        let expected =
            #""run_id":"etl_20241215_143022_3","data":[{"symbol":"BTC","timestamp":"2024-12-15T00:00:00Z","source":"csv","source_id":"a/b ü","#
            + #""fetched_at":"2024-12-15T00:00:01Z","run_id":"etl_20241215_000000_aaaaaa","batch":1,"record":{"price":"1.50"}}],"#
            + #""pagination":{"limit":50,"has_more":false,"next_cursor":null}"#
        #expect(try await server.ask("/raw/csv/a%2Fb%20%C3%BC").members == expected)
        try server.rows.store.seal()
        #expect(try await server.ask("/raw/csv/a%2Fb%20%C3%BC").members == expected)
    }

    @Test(arguments: [1, 2, 5, 1000])
    func aWalkShowsTheRecordOfEachLiveRowNewestFirst(limit: Int) async throws {
        var server = server
        let rows = StoredRows((0..<6).map { .init(milliseconds: start + $0 * 1_000, price: "1") })
        try rows.store.seal()
        rows.insert([.init(milliseconds: start + 2_000, price: "2"), .init(symbol: "ETH", sourceID: "BTC", milliseconds: start + 2_500, price: "3")])
        try rows.store.seal()
        _ = try rows.store.compact()
        rows.insert([.init(milliseconds: start + 4_000, price: "4"), .init(milliseconds: start + 6_000, price: "5")])
        server.rows = rows
        let pages = try await server.walk("/raw/csv/BTC", limit: limit, of: Raw.self) {
            rows.insert([.init(milliseconds: start + 99_000, price: "9")])
        }
        #expect(pages.flatMap(\.self).map(\.record.price) == ["5", "1", "4", "1", "3", "2", "1", "1"])
        #expect(try await server.page("/raw/csv/BTC?symbol=eth", of: Raw.self).data.map(\.batch) == [2])
        let some = try await server.page("/raw/csv/BTC?from=2024-12-15T00:00:02Z&to=2024-12-15T00:00:04Z", of: Raw.self).data
        #expect(some.map(\.record.price) == ["1", "3", "2"])
    }

    @Test func theWayOnStaysWithItsCoin() async throws {
        var server = server
        server.rows = StoredRows((0..<3).map { .init(sourceID: "a b", milliseconds: start + $0) })
        let response = try await server.ask("/raw/csv/a%20b?limit=1")
        let cursor = try #require(response.header("X-Next-Cursor"))
        #expect(response.header("Link") == "</raw/csv/a%20b?limit=1&cursor=\(cursor)>; rel=\"next\"")
        #expect(try await server.ask("/raw/csv/c?cursor=\(cursor)").problem().parameter == "source_id")
        #expect(try await server.ask("/raw/x/a%20b?cursor=\(cursor)").problem().parameter == "source")
    }

    @Test(arguments: [
        ("/raw/csv/nope", 404), ("/raw/nope/BTC", 404), ("/raw/csv/%zz", 400), ("/raw/csv/BTC?form=2024-01-01", 400), ("/raw/csv", 404),
    ])
    func whatIsNotThereIsSaid(uri: String, status: Int) async throws {
        #expect(try await server.ask(uri).problem().status == status)
    }

    @Test func aCoinWithoutRecordsInThatTimeIsNotUnknown() async throws {
        #expect(try await server.page("/raw/csv/BTC?to=2020-01-01", of: Raw.self).data.isEmpty)
    }
}
