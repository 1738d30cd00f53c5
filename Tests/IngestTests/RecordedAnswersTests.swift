import MarketData
import TestSupport
import Testing
import Transfer

@testable import Ingest

/// Recorded answers of real APIs, each loaded by a source as a user would declare it: every record ends stored or in quarantine.
@Suite(.enabled(if: Recordings.directory != nil, "no recordings on this machine"))
struct RecordedAnswersTests {
    struct Item: Sendable, CustomTestStringConvertible {
        var name: String
        var source: HTTPSource
        /// The files that it is of; all with this in their path.
        var part = ".json"
        /// Records of all files together, and those of them that become rows.
        var records: Int
        var rows: Int

        var testDescription: String { name + part }
    }

    private static func source(_ records: String, _ form: HTTPSource.Form, _ fields: [TickerField: String], zeroIsNull: Set<TickerField> = [])
        -> HTTPSource
    {
        HTTPSource(
            upstream: Upstream(url: "https://api.example.test/", userAgent: "test"),
            records: records,
            form: form,
            fields: fields,
            format: RecordFormat(zeroIsNull: zeroIsNull),
            allowsEmpty: true
        )
    }

    private static let paprika: [TickerField: String] = [
        .symbol: "/symbol", .name: "/name", .sourceID: "/id", .price: "/quotes/USD/price", .volume: "/quotes/USD/volume_24h",
        .marketCap: "/quotes/USD/market_cap", .percentChange: "/quotes/USD/percent_change_24h", .timestamp: "/last_updated",
    ]
    private static let gecko: [TickerField: String] = [
        .symbol: "/symbol", .name: "/name", .sourceID: "/id", .price: "/current_price", .volume: "/total_volume", .marketCap: "/market_cap",
        .percentChange: "/price_change_percentage_24h", .timestamp: "/last_updated",
    ]
    private static let cmc: [TickerField: String] = [
        .symbol: "/symbol", .name: "/name", .sourceID: "/id", .price: "/quote/USD/price", .volume: "/quote/USD/volume_24h",
        .marketCap: "/quote/USD/market_cap", .percentChange: "/quote/USD/percent_change_24h", .timestamp: "/last_updated",
    ]
    private static let cmcV1: [TickerField: String] = [
        .symbol: "/symbol", .name: "/name", .sourceID: "/id", .price: "/price_usd", .volume: "/24h_volume_usd", .marketCap: "/market_cap_usd",
        .percentChange: "/percent_change_24h", .timestamp: "/last_updated",
    ]

    static let items: [Item] = [
        Item(name: "cg01", source: source("", .array, gecko), records: 501, rows: 501),
        Item(name: "cg03", source: source("", .array, gecko), records: 94, rows: 94),
        Item(name: "cg05", source: source("", .array, gecko), records: 165, rows: 165),
        Item(name: "cg06", source: source("", .array, gecko), records: 200, rows: 200),
        Item(name: "cg08", source: source("", .array, gecko), records: 50, rows: 50),
        Item(name: "cg09", source: source("", .array, gecko), records: 200, rows: 200),
        Item(name: "cg12", source: source("", .array, gecko), records: 13, rows: 8),
        Item(name: "cg13", source: source("", .array, [.symbol: "/symbol", .sourceID: "/id", .name: "/name"]), records: 13_317, rows: 0),
        Item(name: "cg14", source: source("", .map, [.symbol: "/", .sourceID: "/", .price: "/eur"]), records: 8, rows: 0),
        Item(name: "cp01", source: source("", .array, paprika, zeroIsNull: [.marketCap]), records: 3_795, rows: 3_795),
        Item(name: "cp04", source: source("", .array, paprika, zeroIsNull: [.marketCap]), records: 2_500, rows: 2_500),
        Item(name: "cp05", source: source("", .array, paprika, zeroIsNull: [.marketCap]), records: 2_500, rows: 2_500),
        Item(name: "cp06", source: source("", .object, paprika), records: 7, rows: 7),
        Item(
            name: "cp08",
            source: source("", .array, [.price: "/close", .timestamp: "/time_close", .marketCap: "/market_cap"]),
            records: 10,
            rows: 0
        ),
        Item(name: "tk01", source: source("", .array, cmcV1), records: 1_178, rows: 1_178),
        Item(name: "tk03", source: source("", .array, cmcV1), records: 100, rows: 100),
        Item(name: "tk05", source: source("/data", .array, cmc), records: 200, rows: 200),
        Item(name: "tk07", source: source("/data", .array, cmc), records: 55, rows: 55),
        Item(
            name: "tk09",
            source: source("/data", .array, [.symbol: "/symbol", .sourceID: "/nameid", .price: "/price_usd", .volume: "/volume24"]),
            records: 100,
            rows: 0
        ),
        Item(name: "tk11", source: source("/data", .array, [.symbol: "/symbol", .sourceID: "/id", .price: "/priceUsd"]), records: 6, rows: 0),
        Item(
            name: "tk12",
            source: source(
                "",
                .array,
                [.symbol: "/symbol", .price: "/lastPrice", .percentChange: "/priceChangePercent", .timestamp: "/closeTime"]
            ),
            part: "binance_24hr",
            records: 1_695,
            rows: 1_267
        ),
        Item(name: "tk12", source: source("", .map, [.symbol: "/", .price: "/last", .timestamp: "/at"]), part: "wazirx", records: 371, rows: 350),
        Item(
            name: "tk16",
            source: source("", .array, [.symbol: "/pair", .sourceID: "/exchange", .price: "/last", .timestamp: "/timestamp"]),
            records: 608,
            rows: 135
        ),
        Item(name: "tk18", source: source("/bpi", .map, [.symbol: "/", .timestamp: "/", .price: ""]), part: "coindesk__recent", records: 7, rows: 7),
        Item(
            name: "tk18",
            source: source("/data/quotes", .array, [.symbol: "/quote/name", .price: "/quote/close", .timestamp: "/quote/timestamp"]),
            part: "recent-id1",
            records: 7,
            rows: 7
        ),
        Item(name: "tk19", source: source("/data", .array, cmc), records: 3, rows: 3),
    ]

    @Test(arguments: items)
    func everyRecordEndsStoredOrInQuarantine(item: Item) throws {
        let bench = try Workbench()
        bench.clock.advance(365 * 86_400_000)
        var records = 0
        var stored = 0
        var quarantined = 0
        var reasons: [String: Int] = [:]
        for path in Recordings.files(ending: ".json") where path.contains("/\(item.name)-") && path.contains(item.part) {
            let body = Recordings.read(path)
            let page = HTTPPage(place: path, body: body, fetchedAt: .earliest)
            records += try PageReader(source: item.source).read(page, contentType: "application/json").records.count
            let run = try HTTPPageTests.load(body, bench, source: item.source).run
            stored += run.inserted + run.updated + run.duplicates
            quarantined += run.quarantined
        }
        for (_, reason) in try HTTPPageTests.quarantine(bench) { reasons[reason, default: 0] += 1 }
        #expect(records == item.records && stored + quarantined == records, "\(records) records, \(stored) stored, \(quarantined) in quarantine")
        #expect(stored == item.rows && !reasons.keys.contains(""), "\(stored) rows; \(reasons)")
    }

    @Test func errorBodiesAreErrors() throws {
        for path in Recordings.files(ending: "") where path.contains("/tk20-") {
            for form in HTTPSource.Form.allCases {
                let contentType = path.hasSuffix(".html") ? "text/html" : "application/json"
                let source = Self.source("", form, Self.paprika)
                let (outcome, run) = try HTTPPageTests.load(Recordings.read(path), try Workbench(), source: source, contentType: contentType)
                #expect(outcome == .failed && run.errors.map(\.type) == [.shape] && run.quarantined == 0, "\(path) as \(form): \(run.errors)")
            }
        }
    }
}
