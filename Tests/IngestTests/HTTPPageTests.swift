import MarketData
import TestSupport
import Testing
import TickerStore

@testable import Ingest

/// What becomes of a page, once it is here.
@Suite struct HTTPPageTests {
    static let source = BuiltInSources.coinpaprika(override: nil, userAgent: "test")

    /// Loads a page as a run of its own would.
    static func load(_ body: String, _ bench: Workbench) throws -> (SourceOutcome, RunRecord) {
        guard case .http(let http) = source.kind else { fatalError("coinpaprika is an http source") }
        let record = RunRecord(
            sequence: 1,
            runID: "etl_test",
            trigger: "manual",
            source: "coinpaprika",
            sources: ["coinpaprika"],
            startedAt: .earliest,
            preRunCounts: RunCounts(raw: 0, normalized: 0)
        )
        let run = ActiveRun(record: record, sources: [source], sink: bench.store, environment: bench.environment)
        let outcome = HTTPLoader(name: "coinpaprika", source: http, run: run).load(
            HTTPPage(place: "https://example.test/v1/tickers", body: Array(body.utf8), fetchedAt: Timestamp(milliseconds: 1_767_225_600_000))
        )
        run.drain()
        return (outcome, run.record)
    }

    static func coin(_ id: String = "btc-bitcoin", symbol: String = "BTC", price: String = "107412.08354117", cap: String = "2142355112030") -> String
    {
        #"{"id":"\#(id)","name":"Bitcoin","symbol":"\#(symbol)","rank":1,"last_updated":"2025-11-03T08:41:52Z","quotes":{"USD":{"price":\#(price),"volume_24h":41220118834.51,"market_cap":\#(cap),"percent_change_24h":-0.64}}}"#
    }

    @Test func aCoinBecomesARowAndItsRecordIsKeptByteForByte() throws {
        let bench = try Workbench()
        let (outcome, run) = try Self.load("[\(Self.coin())]", bench)
        #expect(outcome == .loaded && run.inserted == 1)
        #expect(
            try bench.lines() == [
                #"{"symbol":"BTC","name":"Bitcoin","price_usd":107412.08354117,"volume_24h":41220118834.51,"market_cap":2142355112030,"percent_change_24h":-0.64,"timestamp":"2025-11-03T08:41:52Z","source":"coinpaprika","source_id":"btc-bitcoin"}"#
            ]
        )
    }

    @Test func exponentsArePrintedInFullAndAZeroMarketCapIsUnknown() throws {
        let bench = try Workbench()
        _ = try Self.load("[\(Self.coin(price: "3.27e-9", cap: "0"))]", bench)
        #expect(try bench.lines()[0].contains(#""price_usd":0.00000000327,"volume_24h":41220118834.51,"market_cap":null"#))
    }

    @Test func aPageOfRowsThatAreTooOldIsNoFailure() throws {
        let bench = try Workbench()
        bench.environment.retainRowsMilliseconds = 86_400_000
        let (outcome, run) = try Self.load("[\(Self.coin())]", bench)
        #expect(outcome == .loaded && run.tooOld == 1 && run.inserted == 0 && run.quarantined == 0 && run.errors.isEmpty, "\(run)")
    }

    @Test func otherCurrenciesAreNeverDollars() throws {
        let bench = try Workbench()
        let (outcome, run) = try Self.load("[\(Self.coin().replacing("USD", with: "KRW"))]", bench)
        #expect(outcome == .failed && run.inserted == 0 && run.quarantined == 1)
    }

    @Test func ofTwoRecordsWithOneIdentityTheBetterRankWins() throws {
        let bench = try Workbench()
        let (_, run) = try Self.load("[\(Self.coin(price: "1")),\(Self.coin(price: "2")),\(Self.coin("btc-other", price: "3"))]", bench)
        #expect(run.inserted == 2 && run.quarantined == 1, "\(run)")
        #expect(try bench.lines().allSatisfy { !$0.contains(#""price_usd":2,"#) })
    }

    @Test(arguments: [
        ("<html>Cloudflare</html>", RunRecord.ErrorType.parse), (#"{"error":"rate limit"}"#, .shape), ("[]", .shape), ("", .parse),
        ("[{\"id\":\"a\"", .parse),
        ("null", .shape), ("[1,2,3]", .data), ("[{}]", .data),
    ])
    func whatIsNoPageIsAnErrorAndNeverAnEmptySuccess(body: String, type: RunRecord.ErrorType) throws {
        let (outcome, run) = try Self.load(body, try Workbench())
        #expect(outcome == .failed && run.errors.map(\.type) == [type], "\(run.errors)")
    }

    @Test(.enabled(if: Recordings.directory != nil, "no recordings on this machine"))
    func everyRecordedCoinIsStoredOrQuarantined() throws {
        for item in ["cp01-2021-08-12-all-tickers", "cp04-2023-02-03-2500", "cp05-2023-08-11-2500"] {
            for path in Recordings.files(ending: ".json") where path.contains(item) {
                let bench = try Workbench()
                let bytes = Recordings.read(path)
                let total = try JSONDocument(parsing: bytes).root.count
                let (outcome, run) = try Self.load(String(decoding: bytes, as: UTF8.self), bench)
                #expect(outcome == .loaded && run.inserted + run.quarantined == total, "\(path): \(run.inserted) + \(run.quarantined) of \(total)")
                #expect(run.quarantined < total / 50, "\(path): \(run.quarantined) in quarantine")
            }
        }
    }
}
