import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import HTTPAPI
@testable import Ingest
@testable import TickerStore

@Suite struct ExportRouteTests {
    /// Rows in segments, in the log, and replaced ones in both.
    private static func mixedRows() -> StoredRows {
        let rows = StoredRows(count: 300, symbols: ["BTC", "ETH", "DOGE"], sources: ["csv", "coinpaprika"])
        try! rows.store.seal()
        rows.insert(
            (0..<300).filter { $0 % 7 == 0 }.map { index in
                StoredRows.Row(
                    symbol: ["BTC", "ETH", "DOGE"][index % 3],
                    name: "Münze \"\(index)\", neu",
                    source: ["csv", "coinpaprika"][index % 2],
                    milliseconds: StoredRows.start + Int64(index) * 60_000,
                    price: "0.000000001",
                    percentChange: "-1.50"
                )
            }
        )
        rows.insert((300..<400).map { StoredRows.Row(milliseconds: StoredRows.start + Int64($0) * 60_000) })
        return rows
    }

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    /// All rows of `/data` with a filter, page by page.
    private static func walk(_ server: TestServer, _ filter: String) async throws -> [String] {
        var all: [String] = []
        var uri = "/data?format=ndjson&limit=70&" + filter
        while true {
            let page = try await server.ask(uri)
            #expect(page.status == .ok, "\(page.text)")
            all += lines(page.text)
            guard let cursor = page.header("X-Next-Cursor") else { return all }
            uri = "/data?format=ndjson&limit=70&cursor=\(cursor)"
        }
    }

    private static func inflated(_ bytes: ByteBuffer) throws -> [UInt8] { try gunzip(Array(bytes.readableBytesView)) }

    @Test(
        arguments: [
            "", "symbol=BTC", "symbol=btc,doge&source=csv", "source_id=ETH", "from=2024-12-15T01:00:00Z", "to=2024-12-15T01:00:00Z&symbol=ETH",
            "start=2024-12-15T00:30:00Z&end=2024-12-15T02:30:00Z&source=coinpaprika", "symbol=NONE",
        ]
    )
    func anExportHasTheRowsOfAWalk(_ filter: String) async throws {
        var server = TestServer()
        server.rows = Self.mixedRows()
        let wanted = try await Self.walk(server, filter)
        let response = try await server.ask("/data/export?\(filter)")
        #expect(response.status == .ok && response.headers[.contentType] == "application/x-ndjson")
        var lines = Self.lines(response.text)
        #expect(lines.popLast() == #"{"_end":true,"rows":\#(wanted.count)}"#)
        #expect(lines.sorted() == wanted.sorted())
        for direction in ["asc", "desc"] {
            let ordered = Self.lines(try await server.ask("/data/export?\(filter)&sort_dir=\(direction)").text).dropLast()
            #expect(Array(ordered) == (direction == "desc" ? wanted : wanted.reversed()), "\(direction)")
        }
    }

    @Test(arguments: ["", "?format=csv", "?sort_dir=asc", "?symbol=NONE"])
    func gzipInflatesToThePlainExport(_ query: String) async throws {
        var server = TestServer()
        server.rows = Self.mixedRows()
        let plain = try await server.ask("/data/export" + query)
        let packed = try await server.ask("/data/export" + query, headers: [.acceptEncoding: "br, gzip;q=0.5"])
        #expect(plain.headers[.contentEncoding] == nil && packed.headers[.contentEncoding] == "gzip")
        #expect(packed.headers[.vary] == "Accept-Encoding" && plain.headers[.vary] == "Accept-Encoding")
        #expect(try Self.inflated(packed.body) == Array(plain.body.readableBytesView))
        #expect(try await server.ask("/data/export", headers: [.acceptEncoding: "gzip;q=0"]).headers[.contentEncoding] == nil)
    }

    @Test func aHeadRequestHasTheFieldsAndNoBody() async throws {
        let response = try await TestServer().ask("/data/export?format=csv&symbol=BTC", .head)
        #expect(response.status == .ok && response.body.readableBytes == 0)
        #expect(response.headers[.contentLength] == nil, "GET would not say how long it is")
        #expect(response.headers[.contentType] == "text/csv; charset=utf-8; header=present")
        #expect(response.header("Content-Disposition") == #"attachment; filename="kasparro-BTC-export.csv""#)
    }

    @Test func csvEscapesWhatASpreadsheetWouldRunUnlessItIsToldNotTo() async throws {
        var server = TestServer()
        server.rows = StoredRows([.init(symbol: "BTC", name: "=cmd|' /C calc'!A0", milliseconds: StoredRows.start, percentChange: "-2")])
        let header = "symbol,name,price_usd,volume_24h,market_cap,percent_change_24h,timestamp,source,source_id\n"
        let escaped = header + "BTC,'=cmd|' /C calc'!A0,1,,,-2,2024-12-15T00:00:00Z,csv,BTC\n"
        #expect(try await server.ask("/data/export?format=csv").text == escaped)
        #expect(try await server.ask("/data/export?format=csv&raw=1").text == escaped.replacing("'=cmd", with: "=cmd"))
        let page = try await server.ask("/data?format=csv")
        #expect(page.text == escaped && page.headers[.contentType] == "text/csv; charset=utf-8; header=present")
        let problem = try await server.ask("/data/export?raw=1").problem()
        #expect(problem.status == 400 && problem.parameter == "raw")
    }

    @Test func aPageOfCSVLeadsToTheNextOne() async throws {
        var server = TestServer()
        server.rows = StoredRows(count: 3)
        let page = try await server.ask("/data?format=csv&limit=2")
        #expect(Self.lines(page.text).count == 3)
        let cursor = try #require(page.header("X-Next-Cursor"))
        let link = try #require(page.header("Link"))
        #expect(link.contains("format=csv"))
        let rest = Self.lines(try await server.ask("/data?format=csv&cursor=\(cursor)").text)
        #expect(rest.count == 2 && rest[0].hasPrefix("symbol,"), "\(rest)")
    }

    @Test(arguments: ["limit=5", "cursor=x", "format=json", "from=2024-12-15&to=2024-12-14"])
    func whatAnExportDoesNotKnowIsRefused(_ query: String) async throws {
        #expect(try await TestServer().ask("/data/export?\(query)").problem().status == 400)
    }

    /// A store whose export is more than all buffers between server and client hold.
    private static func largeRows() -> StoredRows {
        let rows = StoredRows()
        let name = String(repeating: "n", count: 60_000)
        for batch in 0..<3 {
            rows.insert((0..<100).map { StoredRows.Row(name: name, milliseconds: StoredRows.start + Int64(batch * 100 + $0) * 1_000) })
        }
        return rows
    }

    private static let request = "GET /data/export HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    /// Waits until no export goes on.
    private static func waitForEnd(_ server: TestServer) async throws {
        let start = ContinuousClock.now
        while server.exports.inUse > 0, ContinuousClock.now - start < .seconds(120) { try await Task.sleep(for: .milliseconds(5)) }
        #expect(server.exports.inUse == 0, "the export goes on")
    }

    @Test func aClientThatDoesNotReadIsCutOffAndHoldsUpNobody() async throws {
        var server = TestServer()
        server.rows = Self.largeRows()
        server.clientPatience = .milliseconds(300)
        try await server.application.test(.live) { [server] client in
            let stalled = try OpenConnection(port: try #require(client.port), Self.request)
            _ = try await stalled.read(to: "\r\n\r\n")
            #expect(try await client.execute(uri: "/data?limit=1", method: .get).status == .ok)
            try await Self.waitForEnd(server)
            let body = try await stalled.readToEnd()
            #expect(!String(decoding: body.suffix(200), as: UTF8.self).contains("_end"), "the answer looks whole")
        }
    }

    @Test func aClientThatLeavesGivesItsPlaceBack() async throws {
        var server = TestServer()
        server.rows = Self.largeRows()
        try await server.application.test(.live) { [server] client in
            let port = try #require(client.port)
            do {
                var open: [OpenConnection] = []
                for _ in 0..<server.exports.limit {
                    open.append(try OpenConnection(port: port, Self.request))
                    #expect(try await open.last?.read(to: "\r\n\r\n").hasPrefix("HTTP/1.1 200") == true)
                }
                let more = try await client.execute(uri: "/data/export", method: .get)
                #expect(more.status == .serviceUnavailable && more.header("Retry-After") != nil)
                #expect(try await client.execute(uri: "/data/export", method: .head).status == .ok)
            }
            try await Self.waitForEnd(server)
        }
    }

    @Test func anErrorInTheMiddleDoesNotLookLikeAnEnd() async throws {
        var server = TestServer()
        server.rows = StoredRows(count: 5)
        try server.rows.cutRows()
        try await server.application.test(.live) { client in
            let connection = try OpenConnection(port: try #require(client.port), Self.request)
            let answer = String(decoding: try await connection.readToEnd(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 200") && !answer.contains("_end") && !answer.hasSuffix("0\r\n\r\n"), "\(answer)")
        }
    }
}
