import MarketData
import Synchronization
import TestSupport
import Testing
import TickerStore

@testable import Ingest

/// What becomes of a feed, once it is here.
@Suite struct FeedLoaderTests {
    static let prices = FeedSource(
        upstream: Upstream(url: "https://example.test/prices.rss", userAgent: "test"),
        fields: [.symbol: "coin", .price: "price", .timestamp: "pubDate", .sourceID: "guid"]
    )

    /// Loads a page as a run of its own would.
    static func load(_ body: [UInt8], _ source: FeedSource = prices, _ bench: Workbench) throws -> (SourceOutcome, RunRecord) {
        let record = RunRecord.begun(over: "feed")
        let definition = SourceDefinition(name: "feed", kind: .feed(source))
        let run = ActiveRun(record: record, sources: [definition], sink: bench.store, environment: bench.environment)
        let page = HTTPPage(place: "https://example.test/prices.rss", body: body, fetchedAt: Timestamp(milliseconds: 1_767_225_600_000))
        let outcome = FeedLoader(name: "feed", source: source, run: run).load(page)
        run.drain()
        return (outcome, run.record)
    }

    static func load(_ body: String, _ source: FeedSource = prices, _ bench: Workbench) throws -> (SourceOutcome, RunRecord) {
        try load(Array(body.utf8), source, bench)
    }

    static func item(_ coin: String = "BTC", price: String = "107412.08354117", guid: String = "1", more: String = "") -> String {
        "<item><coin>\(coin)</coin><price>\(price)</price><pubDate>Mon, 3 Nov 2025 10:41:52 +0200</pubDate><guid>\(guid)</guid>\(more)</item>"
    }

    static func rss(_ items: String...) -> String { "<rss version='2.0'><channel><title>Prices</title>\(items.joined())</channel></rss>" }

    @Test func anItemBecomesARowWithItsOwnTime() throws {
        let bench = try Workbench()
        let (outcome, run) = try Self.load(Self.rss(Self.item()), Self.prices, bench)
        #expect(outcome == .loaded && run.inserted == 1 && run.errors.isEmpty, "\(run.errors)")
        #expect(
            try bench.lines() == [
                #"{"symbol":"BTC","name":"BTC","price_usd":107412.08354117,"volume_24h":null,"market_cap":null,"percent_change_24h":null,"timestamp":"2025-11-03T08:41:52Z","source":"feed","source_id":"1"}"#
            ]
        )
    }

    @Test func anItemThatCannotBeARowGoesToQuarantineWithItsText() throws {
        let sink = BatchCollector()
        _ = try sink.load(Self.rss(Self.item(), Self.item("ETH", price: "soon", guid: "2"), "<item><price>3</price></item>"), Self.prices)
        let bad = sink.batches.flatMap(\.quarantined)
        #expect(sink.batches.map(\.rows.count) == [1] && bad.map(\.position) == [1, 2])
        #expect(bad.map(\.reasons) == [["bad_number"], ["missing_symbol", "missing_timestamp"]])
        #expect(
            bad.map { String(decoding: $0.content, as: UTF8.self) } == [
                #"{"coin":"ETH","price":"soon","pubDate":"Mon, 3 Nov 2025 10:41:52 +0200","guid":"2"}"#, #"{"price":"3"}"#,
            ]
        )
        #expect(
            String(decoding: sink.batches[0].raw, as: UTF8.self)
                == #"{"coin":"BTC","price":"107412.08354117","pubDate":"Mon, 3 Nov 2025 10:41:52 +0200","guid":"1"}"#
        )
    }

    @Test func ofTwoItemsWithOneIdentityTheFirstWins() throws {
        let bench = try Workbench()
        let (_, run) = try Self.load(Self.rss(Self.item(price: "1"), Self.item(price: "2"), Self.item(price: "3", guid: "2")), Self.prices, bench)
        #expect(run.inserted == 2 && run.quarantined == 1 && run.collisions == 1, "\(run)")
        #expect(try bench.lines().allSatisfy { !$0.contains(#""price_usd":2,"#) })
    }

    @Test func theSameFeedAgainIsAllDuplicates() throws {
        let bench = try Workbench()
        let body = Self.rss(Self.item(), Self.item("ETH", guid: "2"), Self.item("X", price: "?", guid: "3"))
        _ = try Self.load(body, Self.prices, bench)
        let (outcome, run) = try Self.load(body, Self.prices, bench)
        #expect(outcome == .loaded && run.inserted == 0 && run.duplicates == 2 && run.quarantined == 1, "\(run)")
    }

    @Test func itemsThatAreTooOldAreCounted() throws {
        let bench = try Workbench()
        bench.environment.retainRowsMilliseconds = 86_400_000
        let (outcome, run) = try Self.load(Self.rss(Self.item()), Self.prices, bench)
        #expect(outcome == .loaded && run.tooOld == 1 && run.inserted == 0 && run.quarantined == 0 && run.errors.isEmpty, "\(run)")
    }

    @Test func aLongArticleIsNoObstacleAndALongPriceIs() throws {
        let long = String(repeating: "x", count: 100_000)
        let huge = String(repeating: "\u{1F600}", count: 300_000)
        let sink = BatchCollector()
        let body = Self.rss(Self.item(more: "<content>\(long)</content>"), Self.item(price: long), Self.item(more: "<content>\(huge)</content>"))
        _ = try sink.load(body, Self.prices)
        #expect(sink.batches.map(\.rows.count).reduce(0, +) == 1)
        #expect(sink.batches.flatMap(\.quarantined).map(\.reasons) == [["field_too_long", "missing_price_usd"], ["record_too_long"]])
    }

    @Test func manyItemsMakeBatchesThatTheStoreTakes() throws {
        let bench = try Workbench()
        let items = (0..<10_000).map { Self.item("C\($0)", price: "\($0 + 1)", guid: "\($0)") }.joined()
        let (outcome, run) = try Self.load(Self.rss(items), Self.prices, bench)
        #expect(outcome == .loaded && run.inserted == 10_000 && run.batchCount == 2, "\(run.inserted) rows in \(run.batchCount) batches")
    }

    @Test(arguments: [
        ("", RunRecord.ErrorType.parse), (" \n", .parse), (#"{"error":"rate limit"}"#, .shape), ("[]", .shape),
        ("<!DOCTYPE html><html><head>", .shape), ("<!doctype HTML>\n<html>", .shape), ("<html><body>Cloudflare</body></html>", .shape),
        ("<!DOCTYPE rss><rss/>", .parse), ("Service unavailable", .parse), ("<rss><channel>", .parse), ("<prices/>", .shape),
        ("<rss><channel></channel></rss>", .shape), ("<rss/>", .shape),
        ("<rss><channel><item><coin/><price/><pubDate/></item></channel></rss>", .data),
        ("<?xml version='1.0' encoding='EBCDIC'?><rss/>", .parse),
    ])
    func whatIsNoFeedIsAnErrorAndNeverAnEmptySuccess(body: String, type: RunRecord.ErrorType) throws {
        for allowsEmpty in [false, true] where !allowsEmpty || (body != "<rss/>" && !body.contains("<channel></channel>")) {
            var source = Self.prices
            source.allowsEmpty = allowsEmpty
            let (outcome, run) = try Self.load(body, source, try Workbench())
            #expect(outcome == .failed && run.errors.map(\.type) == [type], "\(run.errors)")
        }
    }

    @Test func anEmptyFeedIsASuccessWhereItMayBe() throws {
        var source = Self.prices
        source.allowsEmpty = true
        let (outcome, run) = try Self.load(Self.rss(), source, try Workbench())
        #expect(outcome == .loaded && run.errors.isEmpty)
    }

    @Test func itemsBeforeTheDamageAreKeptAndTheRunSaysSo() throws {
        let (outcome, run) = try Self.load(Self.rss(Self.item(), Self.item("ETH")).dropLast(60).description, Self.prices, try Workbench())
        #expect(outcome == .partlyLoaded && run.inserted == 1 && run.errors.map(\.type) == [.parse], "\(run)")
        #expect(run.errors[0].message.contains("records before that, which are kept: 1"), "\(run.errors)")
    }

    @Test func aPathThatNoRecordHasIsNamedWithWhatTheRecordsHave() throws {
        var source = Self.prices
        source.fields[.price] = "prices/usd"
        let body = Self.rss(Self.item(more: "<l href=''/>"), Self.item("ETH")).replacing("price>", with: "odd>")
        let (outcome, run) = try Self.load(body, source, try Workbench())
        #expect(outcome == .failed && run.quarantined == 2 && run.errors.map(\.type) == [.schema, .data], "\(run.errors)")
        let wanted =
            "nothing gives price_usd (no record has prices/usd); say under fields of the source what does. Its other fields are: odd, l, l@href"
        #expect(run.errors.first?.message.hasSuffix(wanted) == true, "\(run.errors)")
    }

    @Test func anElementThatWasRenamedIsFoundAgain() throws {
        var source = Self.prices
        source.fields[.price] = "prices/usd"
        let body = Self.rss(Self.item(), Self.item("ETH", guid: "2"))
        let (outcome, run) = try Self.load(body.replacing("price>", with: "usd_price>"), source, try Workbench())
        #expect(outcome == .loaded && run.inserted == 2 && run.appliedMappings.map(\.from) == ["usd_price"], "\(run)")
        let (_, vague) = try Self.load(body, source, try Workbench())
        #expect(vague.inserted == 0 && vague.quarantinedMappings.map(\.from) == ["price"], "another price than the declared one waits: \(vague)")
    }

    @Test(arguments: [("title@", nil), ("../../../../@x", nil), ("price", "rss//item")] as [(String, String?)])
    func aPathThatIsNoneIsAnErrorOfTheConfiguration(path: String, records: String?) throws {
        var source = Self.prices
        source.fields[.price] = path
        source.records = records
        let (outcome, run) = try Self.load(Self.rss(Self.item()), source, try Workbench())
        #expect(outcome == .failed && run.errors.map(\.type) == [.schema], "\(run.errors)")
    }
}

/// A run whose batches are only looked at.
private final class BatchCollector: BatchSink {
    private let taken = Mutex<[Batch]>([])
    var batches: [Batch] { taken.withLock { $0 } }

    func submit(_ batch: Batch, completion: @escaping @Sendable (Result<CommitCounts, StoreError>) -> Void) {
        taken.withLock { $0.append(batch) }
        completion(.success(CommitCounts()))
    }

    func load(_ body: String, _ source: FeedSource) throws -> SourceOutcome {
        let record = RunRecord.begun(over: "feed")
        let run = ActiveRun(record: record, sources: [], sink: self, environment: MockClock().environment)
        let page = HTTPPage(place: "page", body: Array(body.utf8), fetchedAt: Timestamp(milliseconds: 1_767_225_600_000))
        defer { run.drain() }
        return FeedLoader(name: "feed", source: source, run: run).load(page)
    }
}
