import MarketData
import TestSupport
import Testing

@testable import Ingest

/// Feeds that real servers sent, with sources as one would write them.
@Suite(.enabled(if: Recordings.directory != nil, "no recordings on this machine")) struct FeedRecordingsTests {
    private static func load(_ path: String, _ source: FeedSource) throws -> (outcome: SourceOutcome, run: RunRecord, lines: [String]) {
        let bench = try Workbench()
        let (outcome, run) = try FeedLoaderTests.load(Recordings.read(path), source, bench)
        return (outcome, run, try bench.lines())
    }

    private static func source(records: String? = nil, _ fields: [TickerField: String], _ format: RecordFormat = RecordFormat()) -> FeedSource {
        FeedSource(upstream: Upstream(url: "https://example.test/feed", userAgent: "test"), records: records, fields: fields, format: format)
    }

    @Test(arguments: [("fd02-us-treasury-atom", 75), ("fd03-us-treasury-atom-2", 45)])
    func everyTreasuryYieldIsStored(item: String, count: Int) throws {
        let properties = "content/m:properties/"
        let source = Self.source(
            [
                .symbol: "category@term", .sourceID: properties + "d:Id", .price: properties + "d:BC_10YEAR", .timestamp: properties + "d:NEW_DATE",
            ],
            RecordFormat(constants: [.symbol: "UST10Y"])
        )
        for path in Recordings.files(ending: ".xml") where path.contains(item) {
            let (outcome, run, lines) = try Self.load(path, source)
            #expect(outcome == .loaded && run.inserted == count && run.quarantined == 0 && run.errors.isEmpty, "\(path): \(run)")
            #expect(lines.count == count)
        }
    }

    @Test(arguments: [("ecb_daily.xml", 32, "2018-06-11T00:00:00Z"), ("ecb_90d.xml", 2_080, nil)] as [(String, Int, String?)])
    func everyReferenceRateIsStored(file: String, count: Int, time: String?) throws {
        let source = Self.source(
            records: "gesmes:Envelope/Cube/Cube/Cube",
            [.symbol: "@currency", .price: "@rate", .timestamp: "../@time"]
        )
        for path in Recordings.files(ending: file) {
            let (outcome, run, lines) = try Self.load(path, source)
            #expect(
                outcome == .loaded && run.inserted + run.quarantined == count && run.errors.isEmpty,
                "\(path): \(run.inserted) + \(run.quarantined)"
            )
            #expect(run.quarantined == 0 && lines.count == count)
            if let time { #expect(lines.allSatisfy { $0.contains(time) }) }
        }
    }

    @Test func everyArticleIsStoredOrQuarantined() throws {
        let source = Self.source(
            [.symbol: "guid", .name: "dc:creator", .sourceID: "guid", .price: "title", .timestamp: "pubDate"],
            RecordFormat(constants: [.symbol: "BTC"], patterns: [.price: #"\$([0-9][0-9,.]*[0-9][KMB]?)"#])
        )
        for path in Recordings.files(ending: "coindesk.rss.xml") {
            let (_, run, _) = try Self.load(path, source)
            #expect(run.inserted + run.quarantined == 50, "\(path): \(run.inserted) + \(run.quarantined)")
            #expect(run.errors.allSatisfy { $0.type == .data }, "\(run.errors)")
        }
    }
}
