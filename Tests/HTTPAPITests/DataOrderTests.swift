// The properties of decoded answers have the names on the wire.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import TickerStore

/// Orders other than by time, and where rows came from.
@Suite struct DataOrderTests {
    private struct Document: Decodable {
        struct Row: Decodable {
            var symbol: String
            var source: String
            var idempotency_key: String?
            var run_id: String?
            var batch: Int?
            var fetched_at: String?
        }
        var data: [Row]
        var pagination: DataDocument.Pagination
        var symbols: String { data.map(\.symbol).joined() }
    }

    private let server: TestServer

    init() {
        var server = TestServer()
        let rows = StoredRows()
        func row(_ symbol: String, _ source: String, _ minute: Int64, _ change: String) -> StoredRows.Row {
            .init(symbol: symbol, source: source, milliseconds: StoredRows.start + minute * 60_000, percentChange: change)
        }
        rows.insert([row("C", "csv", 0, "null"), row("A", "csv", 5, "-5"), row("B", "api", 1, "0.00")])
        try! rows.store.seal()
        rows.insert([row("D", "api", 2, "1.0"), row("E", "csv", 3, "null"), row("F", "api", 4, "1.00000000000000000001")])
        server.rows = rows
        self.server = server
    }

    private func data(_ query: String) async throws -> Document {
        let response = try await server.ask("/data?\(query)")
        #expect(response.status == .ok, "\(response.text)")
        return try response.decode()
    }

    @Test(arguments: [
        ("sort_by=timestamp", "AFEDBC"), ("sort_by=timestamp&sort_dir=asc", "CBDEFA"), ("sort_by=symbol", "FEDCBA"),
        ("sort_by=symbol&sort_dir=asc", "ABCDEF"), ("sort_by=source", "ECAFDB"), ("sort_by=source&sort_dir=asc", "BDFACE"),
        ("sort_by=percent_change_24h", "FDBAEC"), ("sort_by=percent_change_24h&sort_dir=asc", "ABDFCE"),
        ("sort_by=price_usd&sort_dir=asc", "ABCDEF"), ("sort_by=market_cap", "FEDCBA"), ("sort_by=volume_24h&sort_dir=asc", "ABCDEF"),
    ])
    func eachOrderIsWalkedForthAndBack(_ query: String, _ symbols: String) async throws {
        #expect(try await data(query).symbols == symbols)
        for limit in 1...4 {
            var pages: [String] = []
            var page = try await data("\(query)&limit=\(limit)")
            while true {
                pages.append(page.symbols)
                guard let next = page.pagination.next_cursor else { break }
                page = try await data("limit=\(limit)&cursor=\(next)")
                #expect(query.contains("sort_by=\(page.pagination.sort_by)"))
            }
            #expect(pages.joined() == symbols, "limit \(limit)")
            var back: [String] = []
            while let previous = page.pagination.prev_cursor {
                page = try await data("limit=\(limit)&cursor=\(previous)")
                back.insert(page.symbols, at: 0)
            }
            #expect(back == Array(pages.dropLast()), "limit \(limit)")
            let second = try await data("\(query)&limit=\(limit)&page=2")
            #expect(second.symbols == (pages.count > 1 ? pages[1] : ""))
        }
    }

    @Test(arguments: RowOrder.all, RowOrder.all) func aCursorKeepsItsOrder(_ order: RowOrder, _ other: RowOrder) async throws {
        let cursor = try #require(try await data("sort_by=\(order.name)&limit=2").pagination.next_cursor)
        let response = try await server.ask("/data?cursor=\(cursor)&sort_by=\(other.name)")
        if order == other {
            #expect(response.status == .ok)
        } else {
            #expect(try response.problem().code == "contradicts_cursor")
            #expect(try response.problem().parameter == "sort_by")
        }
    }

    @Test func aPageTooDeepTellsOfCursors() async throws {
        let problem = try await server.ask("/data?sort_by=price_usd&limit=1000&page=101").problem()
        #expect(problem.parameter == "page" && problem.detail.contains("next_cursor"))
        #expect(try await data("sort_by=price_usd&limit=1000&page=100").data.isEmpty)
    }

    @Test func lineageTellsWhereARowCameFrom() async throws {
        let page = try await data("include=lineage&sort_by=symbol&sort_dir=asc")
        #expect(page.data.map(\.batch) == [1, 1, 1, 2, 2, 2], "sealed and in the log")
        #expect(page.data.allSatisfy { $0.run_id == "etl_20241215_000000_aaaaaa" })
        #expect(page.data[0].fetched_at == "2024-12-15T00:00:01Z" && page.data[5].fetched_at == "2024-12-15T00:00:02Z")
        let key = SeriesKey(symbol: "A", source: "csv", sourceID: "A")
        #expect(page.data[0].idempotency_key == SeriesKey.idempotencyKey(key, Timestamp(milliseconds: StoredRows.start + 300_000)))
        #expect(try await data("limit=1").data[0].idempotency_key == nil)
    }

    @Test func lineageFollowsTheMembersOfTheRow() async throws {
        let response = try await server.ask("/data?include=lineage&symbol=A&format=ndjson")
        let line = String(decoding: StoredRows.Row(symbol: "A", milliseconds: StoredRows.start + 300_000, percentChange: "-5").line, as: UTF8.self)
        let key = SeriesKey.idempotencyKey(
            SeriesKey(symbol: "A", source: "csv", sourceID: "A"),
            Timestamp(milliseconds: StoredRows.start + 300_000)
        )
        let lineage = #","idempotency_key":"\#(key)","run_id":"etl_20241215_000000_aaaaaa","batch":1,"fetched_at":"2024-12-15T00:00:01Z"}"#
        #expect(response.text == line.dropLast() + lineage + "\n")
        let links = try await server.ask("/data?include=lineage&limit=1").header("Link")
        #expect(links?.contains("</data?limit=1&include=lineage&cursor=") == true)
    }

    @Test func lineageIsInTheLastColumnsOfCSV() async throws {
        let response = try await server.ask("/data?include=lineage&symbol=A&format=csv")
        let lines = response.text.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasSuffix(",source_id,idempotency_key,run_id,batch,fetched_at"))
        #expect(lines.last?.hasSuffix(",etl_20241215_000000_aaaaaa,1,2024-12-15T00:00:01Z") == true, "\(response.text)")
        #expect(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count } == [13, 13])
    }

    /// A replaced row is of the run that replaced it, wherever both records are.
    @Test func lineageIsThatOfTheNewestRecord() async throws {
        server.rows.insert([.init(symbol: "A", milliseconds: StoredRows.start + 300_000, price: "9")])
        #expect(try await data("include=lineage&symbol=A").data.map(\.batch) == [3])
        try server.rows.store.seal()
        #expect(try await data("include=lineage&symbol=A").data.map(\.batch) == [3])
    }
}
