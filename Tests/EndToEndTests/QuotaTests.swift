import Foundation
import TestSupport
import Testing

/// Quotas on the wire, in real time.
@Suite(.enabled(if: BinaryUnderTest.path != nil, "\(BinaryUnderTest.explanation)")) struct QuotaTests {
    private static func page(_ number: Int) -> Script {
        let coins = (0..<2).map {
            #"{"id":"coin-\#(number)-\#($0)","symbol":"c\#(number)\#($0)","price":\#(number).5,"updated":"2025-11-03T08:42:31.204Z"}"#
        }
        return .answer(body: "[" + coins.joined(separator: ",") + "]")
    }

    /// Three requests a minute, five pages.
    private static func configuration(_ url: String) -> String {
        """
        {
            // Only the source under test.
            sources: {
                coinpaprika: { enabled: false },
                coingecko: { enabled: false },
                five: {
                    kind: "http",
                    url: "\(url)/coins?page={page}",
                    pagination: "page",
                    max_pages: 5,
                    quota: { per_minute: 3 },
                    fields: { symbol: "/symbol", source_id: "/id", price_usd: "/price", timestamp: "/updated" },
                },
            },
        }
        """
    }

    @Test func killedWhileItWaitsForQuotaItGoesOnAtItsPageAndTheQuotaHolds() throws {
        let upstream = ScriptedServer()
        upstream.play(all: (1...5).map(Self.page))
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        let configuration = directory.path + ".json5"
        try Self.configuration(upstream.url).write(toFile: configuration, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: configuration) }
        let arguments = ["--no-schedule", "--config", configuration]

        let first = try ServerProcess(dataDirectory: directory.path, arguments: arguments)
        _ = try first.post("/refresh?source=five")
        try Self.wait("the third request, and the wait for the fourth") {
            try upstream.requests.count == 3 && !first.get("/metrics").text.contains(#"throttle_events_total{source="five"} 0"#)
        }
        try first.kill9()

        let second = try ServerProcess(dataDirectory: directory.path, arguments: arguments)
        _ = try second.post("/refresh?source=five")
        try Self.wait("the end of the second run", seconds: 100) { try ServerTests.array(second.get("/runs"))[0]["status"] as? String != "running" }
        #expect(try ServerTests.array(second.get("/runs"))[0]["status"] as? String == "success")
        let pages = upstream.requests.compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
        #expect(pages == (1...5).map { "/coins?page=\($0)" }, "each page is asked for once")
        let times = upstream.arrivals
        for start in times {
            #expect(times.count { start <= $0 && $0 < start + .seconds(60) } <= 3, "more than three requests in a minute: \(times)")
        }
        #expect(try second.get("/data?source=five&format=ndjson").text.split(separator: "\n").count == 10)
        #expect(try second.get("/metrics").text.contains(#"throttle_events_total{source="five"} "#))
        #expect(try ServerTests.array(second.get("/runs"))[0]["resume_from"] is [String: Any], "the second run does not say where it went on")
        try second.terminate()
    }

    /// Until it is true.
    private static func wait(_ what: String, seconds: Int = 30, _ isTrue: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try !isTrue() {
            try #require(ContinuousClock.now < deadline, "\(what) did not come")
            usleep(20_000)
        }
    }
}
