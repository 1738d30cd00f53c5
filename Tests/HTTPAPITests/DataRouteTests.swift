import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct DataRouteTests {
    private func data(_ server: TestServer, _ uri: String) async throws -> DataDocument {
        let response = try await server.ask(uri)
        #expect(response.status == .ok, "\(response.text)")
        return try response.decode()
    }

    @Test func theAnswerHasTheDocumentedShape() async throws {
        var server = TestServer()
        server.rows = StoredRows(count: 1)
        let response = try await server.ask("/data", headers: [HTTPField.Name("X-Request-ID")!: "r1"])
        #expect(response.headers[.contentType] == "application/json")
        let latency = try #require(response.header("X-API-Latency-Ms"))
        #expect(
            response.text
                == #"{"request_id":"r1","run_id":"etl_20241215_143022_3","api_latency_ms":\#(latency),"#
                + #""health":{"status":"success","errors":0},"#
                + #""data":[{"symbol":"BTC","name":"BTC","price_usd":1.50,"volume_24h":null,"market_cap":null,"percent_change_24h":null,"#
                + #""timestamp":"2024-12-15T00:00:00Z","source":"csv","source_id":"BTC"}],"#
                + #""pagination":{"limit":50,"has_more":false,"next_cursor":null,"prev_cursor":null,"#
                + #""sort_by":"timestamp","sort_dir":"desc"}}"#
        )
        #expect(response.header("Link") == nil)
    }

    @Test func anEmptyListIsAnEmptyArray() async throws {
        let page = try await data(TestServer(), "/data?symbol=NONE")
        #expect(page.data.isEmpty)
        #expect(page.pagination.next_cursor == nil && page.pagination.prev_cursor == nil)
    }

    @Test(arguments: ["desc", "asc"])
    func aWalkForthAndBackShowsEachRowOnceInOneOrder(_ order: String) async throws {
        var server = TestServer()
        server.rows = StoredRows(count: 10)
        let whole = order == "asc" ? Array(1...10) : Array((1...10).reversed())
        var pages: [[Int]] = []
        var page = try await data(server, "/data?limit=3&sort_dir=\(order)")
        while true {
            pages.append(page.prices)
            guard let next = page.pagination.next_cursor else { break }
            page = try await data(server, "/data?limit=3&cursor=\(next)")
            #expect(page.pagination.sort_dir == order)
        }
        #expect(pages.map(\.count) == [3, 3, 3, 1])
        #expect(pages.flatMap(\.self) == whole)
        var back: [[Int]] = []
        while let previous = page.pagination.prev_cursor {
            page = try await data(server, "/data?limit=3&cursor=\(previous)")
            #expect(page.pagination.has_more)
            back.insert(page.prices, at: 0)
        }
        #expect(back == Array(pages.dropLast()))
        #expect(try await data(server, "/data?limit=3&cursor=\(page.pagination.next_cursor!)").prices == pages[1])
    }

    @Test func aWalkIsNotDisturbedByNewerRows() async throws {
        var server = TestServer()
        server.rows = StoredRows(count: 4)
        let first = try await data(server, "/data?limit=2")
        server.rows.insert([.init(symbol: "NEW", milliseconds: 1_999_999_999_999, price: "99")])
        let second = try await data(server, "/data?limit=2&cursor=\(first.pagination.next_cursor!)")
        #expect(first.prices + second.prices == [4, 3, 2, 1])
        let back = try await data(server, "/data?limit=2&cursor=\(second.pagination.prev_cursor!)")
        #expect(back.prices == [4, 3])
        #expect(back.pagination.prev_cursor != nil)
    }

    @Test func aPageThatTurnedOutEmptyLeadsBack() async throws {
        let server = TestServer()
        let beyond = RowCursor(
            filters: RowFilters(),
            travel: .forward,
            position: RowPosition(
                timestamp: Timestamp(milliseconds: 0),
                series: SeriesKey(symbol: "A", source: "b", sourceID: "c")
            )
        )
        let empty = try await data(server, "/data?limit=2&cursor=\(beyond.text)")
        #expect(empty.data.isEmpty && !empty.pagination.has_more)
        let last = try await data(server, "/data?limit=2&cursor=\(empty.pagination.prev_cursor!)")
        #expect(last.prices == [2, 1])
    }

    @Test func filtersTravelInTheCursor() async throws {
        var server = TestServer()
        server.rows = StoredRows(count: 9, symbols: ["BTC", "ETH", "XRP"])
        let first = try await data(server, "/data?symbol=btc,%20xrp&limit=2&from=2024-12-15")
        #expect(first.data.map(\.symbol) == ["XRP", "BTC"])
        let cursor = try #require(first.pagination.next_cursor)
        let second = try await data(server, "/data?limit=50&cursor=\(cursor)")
        #expect(Set(second.data.map(\.symbol)) == ["BTC", "XRP"])
        #expect(second.data.count == 4)
        #expect(
            try await data(server, "/data?symbol=XRP,BTC&sort_dir=desc&start=2024-12-15&cursor=\(cursor)").data.count
                == 4
        )
    }

    @Test(arguments: ["symbol=ETH", "source=csv", "source_id=x", "from=2023-01-01", "end=2025-01-01", "sort_dir=asc", "sort_by=symbol"])
    func aParameterThatContradictsTheCursorIsNamed(_ parameter: String) async throws {
        let server = TestServer()
        let cursor = try #require(try await data(server, "/data?symbol=BTC&limit=1").pagination.next_cursor)
        let response = try await server.ask("/data?cursor=\(cursor)&\(parameter)")
        #expect(response.status == .badRequest)
        let problem = try response.problem()
        #expect(problem.code == "contradicts_cursor")
        #expect(problem.parameter == parameter.split(separator: "=").first.map(String.init))
    }

    @Test(arguments: ["null", "x", "AQEAAA", "%C3%BC"])
    func aMangledCursorIsRefused(_ text: String) async throws {
        let response = try await TestServer().ask("/data?cursor=\(text)")
        #expect(response.status == .badRequest)
        #expect(try response.problem().code == "invalid_cursor")
    }

    @Test func pagesAreCountedFromOne() async throws {
        var server = TestServer()
        server.rows = StoredRows(count: 5)
        #expect(try await data(server, "/data?limit=2&page=1").pagination.prev_cursor == nil)
        let second = try await data(server, "/data?limit=2&page=2")
        #expect(second.prices == [3, 2])
        #expect(try await data(server, "/data?limit=2&cursor=\(second.pagination.prev_cursor!)").prices == [5, 4])
        #expect(try await data(server, "/data?limit=2&cursor=\(second.pagination.next_cursor!)").prices == [1])
        #expect(try await data(server, "/data?limit=1000&page=100").data.isEmpty)
        let cursor = second.pagination.next_cursor!
        for bad in ["page=0", "page=x", "limit=1000&page=101", "limit=50&page=2001", "page=2&cursor=\(cursor)"] {
            let response = try await server.ask("/data?\(bad)")
            #expect(response.status == .badRequest, "\(bad)")
            #expect(try response.problem().parameter == "page")
        }
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=1001", "limit"), ("sort_by=price", "sort_by"),
        ("sort_by=timestmap", "sort_by"),
        ("sort_dir=up", "sort_dir"), ("format=xml", "format"), ("include=raw", "include"),
        ("include=lineage,raw", "include"),
        ("from=yesterday", "from"), ("end=12/11/2024", "end"), ("start=2024-01-01%2000:00%20EST", "start"),
        ("from=2024-02-01&to=2024-01-01", "from"), ("from=2024-01-01&start=2024-01-01", "start"),
        ("symbol=%F0%9F", "symbol"), ("symbols=BTC", "symbols"),
    ])
    func aBadParameterIsNamed(_ query: String, _ parameter: String) async throws {
        let response = try await TestServer().ask("/data?\(query)")
        #expect(response.status == .badRequest)
        #expect(try response.problem().parameter == parameter)
    }

    @Test func aMisspeltOrderIsCorrected() async throws {
        #expect(try await TestServer().ask("/data?sort_by=timestmap").problem().detail.contains("Did you mean `timestamp`?"))
        #expect(try await TestServer().ask("/data?sort_by=price").problem().detail.contains("`price_usd`"))
        #expect(try await TestServer().ask("/data?include=linage").problem().detail.contains("Did you mean `lineage`?"))
    }

    @Test(arguments: [
        "2024-12-15T00:02:00Z", "2024-12-15T05:32:00+05:30", "2024-12-15T05:32:00%2B05:30", "2024-12-15+00:02",
        "2024-12-15%2000:02:00", "1734220920", "1734220920000",
    ])
    func timesAreReadInEveryForm(_ time: String) async throws {
        let server = TestServer()
        #expect(try await data(server, "/data?from=\(time)").prices == [5, 4, 3])
        #expect(try await data(server, "/data?to=\(time)").prices == [2, 1])
    }

    @Test func linksLeadToTheNeighbours() async throws {
        let server = TestServer()
        let response = try await server.ask("/data?limit=2&page=2")
        let pagination = try response.decode(DataDocument.self).pagination
        #expect(
            response.header("Link")
                == "</data?limit=2&cursor=\(pagination.next_cursor!)>; rel=\"next\", "
                + "</data?limit=2&cursor=\(pagination.prev_cursor!)>; rel=\"prev\""
        )
    }

    @Test func linesHaveTheirWayOnInTheHeaders() async throws {
        let server = TestServer()
        let response = try await server.ask("/data?limit=2&format=ndjson&sort_dir=asc")
        #expect(response.headers[.contentType] == "application/x-ndjson")
        #expect(
            response.text
                == #"{"symbol":"BTC","name":"BTC","price_usd":1.50,"volume_24h":null,"market_cap":null,"percent_change_24h":null,"#
                + #""timestamp":"2024-12-15T00:00:00Z","source":"csv","source_id":"BTC"}"# + "\n"
                + #"{"symbol":"ETH","name":"ETH","price_usd":2.50,"volume_24h":null,"market_cap":null,"percent_change_24h":null,"#
                + #""timestamp":"2024-12-15T00:01:00Z","source":"csv","source_id":"ETH"}"# + "\n"
        )
        let next = try #require(response.header("X-Next-Cursor"))
        #expect(response.header("Link") == "</data?limit=2&format=ndjson&cursor=\(next)>; rel=\"next\"")
        #expect(try await server.ask("/data?symbol=NONE&format=ndjson").text == "")
    }

    @Test func filtersThatNoCursorCouldCarryAreRefused() async throws {
        let symbols = (0..<80).map { "\($0)" + String(repeating: "X", count: 60) }.joined(separator: ",")
        let response = try await TestServer().ask("/data?symbol=\(symbols)")
        #expect(response.status == .badRequest)
    }
}
