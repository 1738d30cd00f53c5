import HTTPTypes
import HummingbirdTesting
import MarketData
import NIOCore
import Testing

@testable import HTTPAPI
@testable import Ingest

@Suite struct StatusPageTests {
    private func page(_ server: TestServer = TestServer()) async throws -> String {
        try await server.ask("/", headers: [.accept: "text/html"]).text
    }

    @Test func browsersGetThePageAndWhoeverPrefersTextGetsTheRoutes() async throws {
        for accept in [nil, "*/*", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/*", "image/png"] {
            let answer = try await TestServer().ask("/", headers: accept.map { [.accept: $0] } ?? [:])
            #expect(answer.header("Content-Type") == "text/html; charset=utf-8", "\(accept ?? "nothing")")
            #expect(answer.header("Vary") == "Accept, Accept-Encoding")
            #expect(answer.text.hasPrefix("<!DOCTYPE html>"))
        }
        for accept in ["text/plain", "text/html;q=0.5, text/plain"] {
            let answer = try await TestServer().ask("/", headers: [.accept: accept])
            #expect(answer.header("Content-Type") == "text/plain; charset=utf-8", "\(accept)")
            #expect(answer.header("Vary") == "Accept, Accept-Encoding")
            #expect(answer.text.contains("GET  /data ") && !answer.text.contains("/assets/"))
        }
    }

    @Test func scriptsAndStylesComeFromThisServerOnly() async throws {
        for path in ["/", "/api-docs"] {
            let answer = try await TestServer().ask(path, headers: [.accept: "text/html"])
            let policy = try #require(answer.header("Content-Security-Policy"))
            #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'") && !policy.contains("unsafe"))
            #expect(answer.header("Referrer-Policy") == "no-referrer" && answer.header("X-Content-Type-Options") == "nosniff")
            #expect(!answer.text.contains(" style=") && !answer.text.contains("<style") && !answer.text.contains("<script>"), "\(path)")
            #expect(!answer.text.contains(" onclick=") && !answer.text.contains("http://") && !answer.text.contains("https://"), "\(path)")
        }
    }

    @Test func namesOfStrangersAreText() async throws {
        let name = "<script>alert(1)</script>\"'&\u{202E}"
        let rows = StoredRows([
            .init(symbol: "<IMG/SRC=X>", name: name, source: "csv", sourceID: "\"><b>", milliseconds: StoredRows.start, price: "1.5")
        ])
        let text = try await page(TestServer(rows: rows))
        #expect(!text.contains("<script>alert") && !text.contains("<IMG") && !text.contains("<b>"))
        #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"))
        #expect(text.contains("symbol=%3CIMG%2FSRC%3DX%3E&amp;source=csv"))
    }

    @Test func aHostThatIsNoneIsNotRepeated() {
        #expect(StatusPageRoute.address("example.org:3000") == "example.org:3000")
        for host in [nil, "", "a b", "a'b", "<b>", "a\"b", "a$(x)", "a;b", String(repeating: "a", count: 256)] {
            #expect(StatusPageRoute.address(host) == "localhost:8080", "\(host ?? "none")")
        }
    }

    @Test func pricesHaveTheirNewestRowAndTheWayThere() async throws {
        let text = try await page(TestServer(rows: StoredRows(count: 6)))
        #expect(text.contains("<data class=\"price\" value=\"5.50\" title=\"5.50 US dollars\">$5.50</data>"))
        #expect(text.contains("BTC over 4 min: from $1.50 to $5.50"))
        #expect(text.contains("+266.67 %"))
        #expect(text.matches(of: /<svg/).count == 2)
    }

    @Test func anEmptyStoreSaysWhatToExpect() async throws {
        let text = try await page(TestServer(rows: StoredRows(), runs: FakeRuns(count: 0)))
        #expect(text.contains("There is no row yet.") && text.contains("No run yet."))
    }

    @Test func troubleIsNamed() async throws {
        let server = TestServer()
        #expect(try await page(server).contains("All is well"))
        server.rows.poison("fsync failed: <EIO>")
        server.runs.doubtClock("it is 1970")
        server.runs.end("failed")
        let text = try await page(server)
        #expect(!text.contains("All is well") && text.contains("Degraded"))
        for reason in ["fsync failed: &lt;EIO&gt;", "it is 1970", "The last run failed."] { #expect(text.contains(reason), "\(reason)") }
    }

    @Test func anAlertIsOnThePageAndWhatAMailServerSaidIsNot() async throws {
        var server = TestServer()
        server.alerts = .failing
        let text = try await page(server)
        #expect(text.contains("An alert is firing") && !text.contains("All is well"))
        #expect(text.contains("Alert: the disk is getting full, since 2024-12-15 14:00 UTC: 1 &lt;MiB&gt; is free"), "\(text)")
        #expect(text.contains("What was to go out by e-mail did not") && !text.contains("ops@"), "\(text)")
        server.alerts.firing = []
        #expect(try await page(server).contains("Alerts do not go out"))
    }

    @Test func rowsThatCannotBeReadLeaveThePageStanding() async throws {
        let server = TestServer()
        try server.rows.cutRows()
        let answer = try await server.ask("/")
        #expect(answer.status == .ok && answer.text.contains("cannot be read") && !answer.text.contains(server.rows.directory))
    }

    @Test func sourcesShowLimitsAndSchedule() async throws {
        var server = TestServer()
        server.schedule = ScheduleStatus(
            state: .ok,
            nextTick: Timestamp(milliseconds: .max / 4),
            sources: [.init(name: "csv", everyMilliseconds: 1, lastAttempt: Timestamp(milliseconds: StoredRows.start), nextTick: nil)]
        )
        let text = try await page(server)
        #expect(text.contains("4 of 10/min") && text.contains("throttled to 5/min") && text.contains("17 of 20,000 this month"))
        #expect(text.contains("<time datetime=\"2024-12-15T00:00:00Z\" title=\"2024-12-15 00:00 UTC\">"))
        #expect(text.contains("Sample data"))
    }

    @Test func aLaterRowIsOnThePageAtOnce() async throws {
        let rows = StoredRows(count: 2)
        let prices = NewestPrices()
        #expect(try prices.read(rows, sources: []).series.map(\.newest.price) == ["1.50", "2.50"])
        rows.insert([.init(symbol: "BTC", milliseconds: StoredRows.start + 9_000_000, price: "7.25")])
        #expect(try prices.read(rows, sources: ["csv"]).series.map(\.newest.price) == ["7.25", "2.50"])
        #expect(try prices.read(rows, sources: ["csv"]).series[0].quotes.count == 2)
    }

    @Test func theLargestCoinOfASymbolIsShown() throws {
        let rows = StoredRows([
            .init(symbol: "BTC", source: "a", sourceID: "fake", milliseconds: StoredRows.start, price: "9", volume: "5", marketCap: "10"),
            .init(symbol: "BTC", source: "a", sourceID: "real", milliseconds: StoredRows.start, price: "8", volume: "4", marketCap: "900.5"),
            .init(symbol: "ZZZ", source: "a", milliseconds: StoredRows.start, price: "7"),
            .init(symbol: "AAA", source: "a", milliseconds: StoredRows.start, price: "6", marketCap: "1"),
        ])
        #expect(try NewestPrices().read(rows, sources: []).series.map(\.sourceID) == ["real", "AAA", "ZZZ"])
    }
}

@Suite struct AssetTests {
    @Test func everyFileThatAPageNamesIsThereAndMayBeKeptForEver() async throws {
        let server = TestServer()
        for path in ["/", "/api-docs"] {
            let page = try await server.ask(path).text
            for match in page.matches(of: /(?:href|src)="(\/assets\/[^"]+)"/) {
                let answer = try await server.ask(String(match.1), headers: [.acceptEncoding: "gzip"])
                #expect(answer.status == .ok, "\(match.1)")
                #expect(answer.header("Cache-Control") == "public, max-age=31536000, immutable", "\(match.1)")
            }
        }
        let old = try await server.ask("/assets/page.css?v=0123456789abcdef")
        #expect(old.status == .ok && old.header("Cache-Control") == "no-cache")
        #expect(try await server.ask("/assets/passwd").status == .notFound)
        #expect(try await server.ask("/assets/..%2Fpage.css").status == .notFound)
    }

    @Test func aTagThatStillHoldsIsNotSentAgain() async throws {
        let server = TestServer()
        let tag = try #require(try await server.ask("/assets/page.css").header("ETag"))
        for given in [tag, "\"other\", \(tag)", "*", String(tag.dropFirst(2))] {
            let answer = try await server.ask("/assets/page.css", headers: [.ifNoneMatch: given])
            #expect(answer.status == .notModified && answer.body.readableBytes == 0 && answer.header("ETag") == tag, "\(given)")
        }
        #expect(try await server.ask("/assets/page.css", headers: [.ifNoneMatch: "\"other\""]).status == .ok)
    }

    @Test(.enabled(if: Asset.hasSwaggerUI, "Swagger UI was not at hand when this was built")) func swaggerUIGoesOutCompressedOrNot() async throws {
        let server = TestServer()
        let small = try await server.ask("/assets/swagger-ui.js", headers: [.acceptEncoding: "br, gzip;q=0.5"])
        #expect(small.header("Content-Encoding") == "gzip" && small.header("Vary") == "Accept-Encoding")
        #expect(Array(small.body.readableBytesView.prefix(2)) == [0x1F, 0x8B])
        // Bytes 4 to 7 of a gzip stream are its time: none, so that a build can be repeated.
        #expect(Array(small.body.readableBytesView.prefix(8).suffix(4)) == [0, 0, 0, 0])
        for accept in ["identity", "gzip;q=0", "br"] {
            let plain = try await server.ask("/assets/swagger-ui.js", headers: [.acceptEncoding: accept])
            #expect(plain.header("Content-Encoding") == nil && plain.text.contains("SwaggerUIBundle"), "\(accept)")
        }
        #expect(try await server.ask("/api-docs").text.contains("id=\"swagger-ui\""))
    }

    @Test func withoutSwaggerUIAndWithoutScriptsTheRoutesAreAList() {
        for usesSwaggerUI in [true, false] {
            let page = String(buffer: DocsPage.render(version: "1", document: OpenAPIRoute.document(version: "1"), usesSwaggerUI: usesSwaggerUI))
            #expect(page.contains("<span class=\"method\">POST</span> <code>/refresh</code>") && page.contains("<dt><code>sort_dir</code></dt>"))
            #expect(page.contains("<noscript>") == usesSwaggerUI)
        }
    }

    @Test func preferencesAreReadWithTheirWeights() {
        #expect(AcceptedValues(["gzip"]).accept("gzip") && AcceptedValues(["*"]).accept("gzip"))
        #expect(
            !AcceptedValues([]).accept("gzip") && !AcceptedValues(["*, gzip;q=0"]).accept("gzip") && !AcceptedValues(["gzip; q=0.000"]).accept("gzip")
        )
        #expect(AcceptedValues(["GZIP ; Q=0.001"]).accept("gzip"))
        #expect(AcceptedValues(["text/*;q=0.3, text/plain"]).quality(ofType: "text", subtype: "html") == 300)
        #expect(AcceptedValues([]).quality(ofType: "text", subtype: "html") == nil)
        #expect(AcceptedValues(["image/png"]).quality(ofType: "text", subtype: "html") == 0)
    }
}

@Suite struct DisplayTests {
    @Test(arguments: [
        ("45000.50", "45,000.50"), ("1234567.005", "1,234,567.01"), ("999.999", "1,000.00"), ("1", "1.00"), ("0.5", "0.5"),
        ("0.00001234567", "0.00001235"),
        ("0.99999", "1.0000"), ("0", "0"), ("nonsense", "nonsense"),
    ]) func pricesAreRoundedForReading(_ literal: String, _ shown: String) {
        #expect(DisplayNumber.price(literal) == shown)
    }

    @Test(arguments: [
        ("44588500", "44.6M"), ("834000000", "834M"), ("1", "1.00"), ("950", "950"), ("1270000000000", "1.27T"), ("123456789012345678", "123,457T"),
        ("1000", "1.00K"),
    ])
    func largeNumbersAreShort(_ literal: String, _ shown: String) {
        #expect(DisplayNumber.short(literal) == shown)
    }

    @Test(arguments: [("2.5", "+2.50 %"), ("-0.004", "±0.00 %"), ("-12.345", "−12.35 %"), ("0", "±0.00 %")])
    func percentHasASign(_ literal: String, _ shown: String) { #expect(DisplayNumber.percent(literal) == shown) }

    @Test(arguments: [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (10_000, "10.0 kB"), (67_300_000, "67.3 MB"), (1_500_000_000_000, "1.5 TB")])
    func bytesHaveTheirUnit(_ count: Int, _ shown: String) { #expect(DisplayNumber.bytes(count) == shown) }

    @Test(arguments: [
        (0, "now"), (5_200, "5 s ago"), (-2_700_000, "in 45 min"), (7_260_000, "2 h 1 min ago"), (61_000_000_000, "706 d ago"),
        (95_000_000_000, "3 y ago"),
    ])
    func timesAreRelative(_ milliseconds: Int64, _ shown: String) {
        #expect(DisplayTime.relative(Timestamp(milliseconds: 0), to: Timestamp(milliseconds: milliseconds)) == shown)
    }
}
