import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct CompareRouteTests {
    private let start = StoredRows.start
    private var server = TestServer()

    @Test func theAnswerHasTheDocumentedShape() async throws {
        var server = server
        server.rows = StoredRows([
            .init(name: "Bitcoin", source: "a", sourceID: "bitcoin", milliseconds: start + 43_170_000, price: "100.10", marketCap: "900"),
            .init(name: "Bitcoin Cat", source: "a", sourceID: "btc-cat", milliseconds: start, price: "0.001", marketCap: "1000.0"),
            .init(name: "Bitcoin", source: "b", milliseconds: start, price: "100.3"),
            .init(source: "c", milliseconds: start - 43_200_001, price: "5"),
            .init(source: "d", milliseconds: start - 43_200_000, price: "0.0030"),
            .init(source: "d", milliseconds: start - 43_200_003, price: "1"),
        ])
        #expect(
            try await server.ask("/compare?symbol=btc").members
                == #""run_id":"etl_20241215_143022_3","symbol":"BTC","at":"2024-12-15T12:00:00Z","compared":3,"median":0.0030,"spread_percent":10029900.000000,"#
                + #""data":[{"source":"a","source_id":"bitcoin","name":"Bitcoin","price_usd":100.10,"market_cap":900,"timestamp":"2024-12-15T11:59:30Z","#
                + #""age_seconds":30,"left_out":"smaller_market_cap"},"#
                + #"{"source":"a","source_id":"btc-cat","name":"Bitcoin Cat","price_usd":0.001,"market_cap":1000.0,"timestamp":"2024-12-15T00:00:00Z","#
                + #""age_seconds":43200,"left_out":null},"#
                + #"{"source":"b","source_id":"BTC","name":"Bitcoin","price_usd":100.3,"market_cap":null,"timestamp":"2024-12-15T00:00:00Z","#
                + #""age_seconds":43200,"left_out":null},"#
                + #"{"source":"c","source_id":"BTC","name":"BTC","price_usd":5,"market_cap":null,"timestamp":"2024-12-14T11:59:59.999Z","#
                + #""age_seconds":86400,"left_out":"older_than_24_hours"},"#
                + #"{"source":"d","source_id":"BTC","name":"BTC","price_usd":0.0030,"market_cap":null,"timestamp":"2024-12-14T12:00:00Z","#
                + #""age_seconds":86400,"left_out":null}]"#
        )
    }

    @Test(arguments: [
        (["1", "2"], "1.5", "100.000000"), (["0.00000000000000000001", "0.00000000000000000002"], "0.000000000000000000015", "100.000000"),
        (["3", "3.00"], "3.00", "0.000000"), (["7"], "7", "null"), (["3", "1", "2.50"], "2.50", "200.000000"),
        (["99999999999999999999.1", "99999999999999999999.2"], "99999999999999999999.15", "0.000000"),
        (["100.000001", "100"], "100.0000005", "0.000001"), (["800", "800.00002"], "800.00001", "0.000002"),
        (["800", "800.00004"], "800.00002", "0.000005"),
        (["800", "800.000012"], "800.000006", "0.000002"),
    ])
    func medianAndSpreadAreExact(prices: [String], median: String, spread: String) async throws {
        var server = server
        server.rows = StoredRows(prices.enumerated().map { .init(source: "s\($0)", milliseconds: start, price: $1) })
        let text = try await server.ask("/compare?symbol=BTC").text
        #expect(text.contains(#""compared":\#(prices.count),"median":\#(median),"spread_percent":\#(spread),"#), "\(text)")
    }

    @Test func withoutAYoungPriceThereIsNoMedian() async throws {
        var server = server
        server.now = Timestamp(milliseconds: start + 90_000_000_000)
        #expect(try await server.ask("/compare?symbol=BTC").text.contains(#""compared":0,"median":null,"spread_percent":null,"data":[{"#))
    }

    @Test func anOldCoinDoesNotHideAYoungOneOfItsSource() async throws {
        var server = server
        server.rows = StoredRows([
            .init(sourceID: "gone", milliseconds: start - 90_000_000, price: "1", marketCap: "9999"),
            .init(sourceID: "here", milliseconds: start, price: "2", marketCap: "10"), .init(sourceID: "unknown", milliseconds: start, price: "3"),
        ])
        #expect(try await server.ask("/compare?symbol=BTC").text.contains(#""compared":1,"median":2,"#))
    }

    @Test(arguments: [("", 400, "symbol"), ("?symbol=A,B", 400, "symbol"), ("?symbol=nope", 404, "symbol"), ("?symbl=BTC", 400, "symbl")])
    func whatCannotBeComparedIsNamed(query: String, status: Int, parameter: String) async throws {
        let problem = try await server.ask("/compare\(query)").problem()
        #expect(problem.status == status && problem.parameter == parameter)
    }
}
