import HTTPTypes
import HummingbirdTesting
import Testing

@testable import HTTPAPI
@testable import TickerStore

/// `/stream` over a socket and a store.
@Suite struct StreamRouteTests {
    private static func request(_ query: String = "", id: String? = nil) -> String {
        "GET /stream\(query) HTTP/1.1\r\nHost: a\r\n" + (id.map { "Last-Event-ID: \($0)\r\n" } ?? "") + "\r\n"
    }

    private static func row(_ minute: Int, _ symbol: String = "BTC", price: String = "1") -> StoredRows.Row {
        StoredRows.Row(symbol: symbol, milliseconds: StoredRows.start + Int64(minute) * 60_000, price: price)
    }

    @Test func rowsArriveAsTheyAreStoredAndOnlyThoseThatChangedSomething() async throws {
        var server = TestServer()
        let rows = StoredRows()
        server.rows = rows
        try await server.application.test(.live) { client in
            let stream = try OpenConnection(port: try #require(client.port), Self.request("?symbol=btc"))
            let head = try await stream.read(to: "\r\n\r\n")
            #expect(
                head.contains("200 OK") && head.contains("text/event-stream") && head.contains("no-store") && head.contains("X-Accel-Buffering: no")
            )
            _ = try await stream.read(to: "id: ")
            rows.insert([Self.row(0), Self.row(0, "ETH")])
            rows.insert([Self.row(0)])
            rows.insert([Self.row(0, price: "2"), Self.row(1)])
            let first = try await stream.read(to: "]\n\n")
            let second = try await stream.read(to: "]\n\n")
            #expect(first.contains("data: [\(String(decoding: Self.row(0).line, as: UTF8.self))]\n\n"), "\(first)")
            let lines = [Self.row(0, price: "2"), Self.row(1)].map { String(decoding: $0.line, as: UTF8.self) }
            #expect(second.contains("data: [\(lines.joined(separator: ","))]\n\n"), "\(second)")
        }
    }

    @Test func aClientThatLeavesIsForgottenAtOnce() async throws {
        var server = TestServer()
        let rows = StoredRows()
        server.rows = rows
        try await server.application.test(.live) { client in
            for _ in 0..<3 {
                do {
                    let stream = try OpenConnection(port: try #require(client.port), Self.request())
                    _ = try await stream.read(to: "id: ")
                    #expect(rows.feed.readerCount == 1)
                }
                // The heartbeat would take 15 s to find out.
                let start = ContinuousClock.now
                while rows.feed.readerCount > 0, ContinuousClock.now - start < .seconds(120) { await Task.yield() }
                #expect(rows.feed.readerCount == 0)
            }
        }
    }

    @Test func aStreamSaysThatItIsAliveAndEndsWithTheServer() async throws {
        var server = TestServer()
        let rows = StoredRows()
        server.rows = rows
        server.heartbeat = .milliseconds(20)
        try await server.application.test(.live) { client in
            let stream = try OpenConnection(port: try #require(client.port), Self.request())
            _ = try await stream.read(to: ": heartbeat\nid: ")
            rows.feed.end()
            let end = try await stream.read(to: "0\r\n\r\n")
            #expect(end.contains("event: shutdown"))
        }
    }

    @Test func aHeadRequestOpensNoStream() async throws {
        let server = TestServer()
        let response = try await server.ask("/stream", .head)
        #expect(response.status == .ok && response.headers[.contentType] == "text/event-stream" && server.rows.feed.readerCount == 0)
        #expect(response.headers[.contentLength] == nil, "a stream has no length")
    }

    @Test func badParametersAndADrainingServerAreRefused() async throws {
        let server = TestServer()
        #expect(try await server.ask("/stream?last_event_id=x").problem().parameter == "last_event_id")
        #expect(try await server.ask("/stream?from=2024-12-15").problem().code == "unknown_parameter")
        server.draining.raise()
        #expect(try await server.ask("/stream").problem().status == 503)
    }
}
