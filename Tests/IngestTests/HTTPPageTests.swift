import MarketData
import TestSupport
import Testing

@testable import Ingest
@testable import TickerStore

/// What becomes of a page, once it is here.
@Suite struct HTTPPageTests {
    static let source = BuiltInSources.coinpaprika(override: nil, userAgent: "test")

    /// Loads a page as a run of its own would.
    static func load(
        _ body: [UInt8],
        _ bench: Workbench,
        source: HTTPSource? = nil,
        contentType: String? = nil
    ) throws -> (outcome: SourceOutcome, run: RunRecord) {
        guard case .http(let builtIn) = Self.source.kind else { fatalError("coinpaprika is an http source") }
        let source = source ?? builtIn
        let record = RunRecord.begun(over: "coinpaprika")
        let run = ActiveRun(record: record, sources: [Self.source], sink: bench.store, environment: bench.environment)
        let page = HTTPPage(place: "https://example.test/v1/tickers", body: body, fetchedAt: Timestamp(milliseconds: bench.clock.wall))
        var outcome = SourceOutcome.failed
        do throws(PageFailure) {
            let found = try PageReader(source: source).read(page, contentType: contentType)
            var loader = HTTPLoader(name: "coinpaprika", source: source, run: run)
            outcome = loader.load(found)
        } catch {
            run.report(error.type, source: "coinpaprika", error.message)
        }
        run.drain()
        return (outcome, run.record)
    }

    static func load(_ body: String, _ bench: Workbench, source: HTTPSource? = nil, contentType: String? = nil) throws
        -> (outcome: SourceOutcome, run: RunRecord)
    { try load(Array(body.utf8), bench, source: source, contentType: contentType) }

    /// What waits in the quarantine: content and reasons, in order.
    static func quarantine(_ bench: Workbench) throws -> [(content: String, reasons: String)] {
        bench.history(of: 3).flatMap { payload in
            let records = payload.withUnsafeBytes { bytes in
                (try? QuarantinePayload.decode(bytes).records)?.map { (Array(bytes[$0.content]), Array(bytes[$0.reasons])) } ?? []
            }
            return records.map { (String(decoding: $0.0, as: UTF8.self), String(decoding: $0.1, as: UTF8.self)) }
        }
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
        ("<html>Cloudflare</html>", RunRecord.ErrorType.parse), (#"{"error":"rate limit"}"#, .shape), ("", .parse),
        ("[{\"id\":\"a\"", .parse), ("null", .shape), ("[1,2,3]", .data), ("[{}]", .data), (" \n", .parse), ("[{}] trailing", .parse),
        ("{\"a\":1}{\"a\":1}", .parse), ("\"text\"", .shape), ("[]]", .parse),
    ])
    func whatIsNoPageIsAnErrorAndNeverAnEmptySuccess(body: String, type: RunRecord.ErrorType) throws {
        let (outcome, run) = try Self.load(body, try Workbench())
        #expect(outcome == .failed && run.errors.map(\.type) == [type], "\(run.errors)")
    }

    @Test(arguments: [
        ("text/html; charset=utf-8", true), ("application/xml", true), ("image/svg+xml", true), ("application/rss+xml", true),
        ("application/json;charset=UTF-8", false), ("application/problem+json", false), ("text/json", false), ("Text/Plain", false),
        ("application/octet-stream", false), ("", false),
    ])
    func whatIsNoJSONByNameIsRefused(contentType: String, isRefused: Bool) throws {
        let (_, run) = try Self.load("[\(Self.coin())]", try Workbench(), contentType: contentType)
        #expect(run.inserted == (isRefused ? 0 : 1) && run.errors.map(\.type) == (isRefused ? [.shape] : []), "\(run.errors)")
    }

    @Test func aByteOrderMarkIsSkipped() throws {
        #expect(try Self.load("\u{FEFF}[\(Self.coin())]", try Workbench()).run.inserted == 1)
    }

    @Test(arguments: [
        (#"{"status":{"error_code":1001,"error_message":"This API Key is invalid."}}"#, "This API Key is invalid."),
        (#"{"error":{"message":"no such plan"}}"#, "no such plan"), (#"{"errors":["a","b"]}"#, "a"), (#"{"data":null,"total":3}"#, "data, total"),
        (#"{"code":-2008,"msg":"Invalid Api-Key ID."}"#, "Invalid Api-Key ID."), (#"{"message":"\#(String(repeating: "x", count: 900))"}"#, "xxx"),
    ])
    func anErrorObjectSaysWhatItSays(body: String, text: String) throws {
        let (outcome, run) = try Self.load(body, try Workbench())
        #expect(outcome == .failed && run.errors.map(\.type) == [.shape])
        #expect(run.errors[0].message.contains(text) && run.errors[0].message.utf8.count < 700, "\(run.errors[0].message)")
    }

    @Test func recordsThatAreElsewhereAreMissedByName() throws {
        guard case .http(var source) = Self.source.kind else { return }
        source.records = "/data/coins"
        let (_, run) = try Self.load(#"{"status":{},"data":{"list":[]}}"#, try Workbench(), source: source)
        #expect(run.errors.map(\.type) == [.shape])
        #expect(run.errors[0].message.contains("/data/coins") && run.errors[0].message.contains("status, data"), "\(run.errors[0].message)")
    }
}

/// One bad record, whatever is bad about it, leaves the others alone (spec section 5).
@Suite struct BadRecordTests {
    private static let bad: [(record: String, reason: String)] = [
        (#"{"id":"a","symbol":"\ud800"}"#, "bad_json"), (#"{"id":"a","id":"b"}"#, "duplicate_key"), (#"{"id":"a","x":NaN}"#, "not_a_number"),
        (#"{"id":"a","x":-Infinity}"#, "not_a_number"), ("{\"id\":\"a\u{1}\"}", "bad_json"), (#"{"id":"a","x":01}"#, "bad_json"),
        (#"{"id":"a",}"#, "bad_json"), (#"{'id':1}"#, "bad_json"),
        (#"{"x":"# + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}", "too_deep"),
        ("NaN", "not_a_number"), ("undefined", "bad_json"), ("12", "not_an_object"), ("null", "not_an_object"), ("[]", "not_an_object"),
        (#""text""#, "not_an_object"),
    ]

    @Test(arguments: bad.indices)
    func theOthersBecomeRows(index: Int) throws {
        let (record, reason) = Self.bad[index]
        let bench = try Workbench()
        let body = "[\(HTTPPageTests.coin("a")),\(record), \(HTTPPageTests.coin("b"))]"
        let (outcome, run) = try HTTPPageTests.load(body, bench)
        #expect(outcome == .loaded && run.inserted == 2 && run.quarantined == 1 && run.errors.isEmpty, "\(run)")
        let kept = try HTTPPageTests.quarantine(bench)
        #expect(kept.map(\.content) == [record] && kept.map(\.reasons) == [reason], "\(kept)")
    }

    @Test func bytesThatAreNoTextAreKeptAsTheyCame() throws {
        let bench = try Workbench()
        let record = Array(#"{"id":"a","name":""#.utf8) + [0xC3, 0x28, 0xFF] + Array(#""}"#.utf8)
        let (_, run) = try HTTPPageTests.load(Array("[\(HTTPPageTests.coin()),".utf8) + record + [UInt8(ascii: "]")], bench)
        #expect(run.inserted == 1 && run.quarantined == 1, "\(run)")
        #expect(bench.history(of: 3).contains { $0.suffix(record.count).elementsEqual(record) }, "the bytes were changed")
        try bench.store.seal()
        try bench.restart()
        #expect(bench.store.snapshot().counts.quarantined == 1)
    }

    @Test func aLongRecordIsKeptInPart() throws {
        let bench = try Workbench()
        let long = #"{"id":"a","text":""# + String(repeating: "x", count: 3 << 20) + #""}"#
        for bad in ["", ",NaN"] {
            let (_, run) = try HTTPPageTests.load("[\(long),\(HTTPPageTests.coin(price: bad.isEmpty ? "1" : "2"))\(bad)]", bench)
            #expect(run.inserted + run.updated == 1 && run.quarantined == (bad.isEmpty ? 1 : 2), "\(run)")
        }
        let kept = try HTTPPageTests.quarantine(bench)
        #expect(kept[0].reasons == "record_too_long" && long.hasPrefix(kept[0].content) && kept[0].content.utf8.count == 64 << 10)
    }

    @Test(arguments: [
        (#""price":1E400"#, "bad_number"), (#""price":-1"#, "price_not_positive"), (#""price":0"#, "price_not_positive"),
        (#""price":"abc""#, "bad_number"), (#""price":true"#, "bad_price_usd"), (#""price":null"#, "missing_price_usd"),
    ])
    func badPricesHaveTheirReasons(member: String, reason: String) throws {
        let bench = try Workbench()
        let record = HTTPPageTests.coin("a", price: "7").replacing(#""price":7"#, with: member)
        let (_, run) = try HTTPPageTests.load("[\(record),\(HTTPPageTests.coin("b"))]", bench)
        #expect(try run.inserted == 1 && HTTPPageTests.quarantine(bench).map(\.reasons) == [reason], "\(run)")
    }

    @Test(arguments: ["2031-01-01T00:00:00Z", "2008-12-31T23:59:59Z"])
    func timesOutOfRangeAreRefused(time: String) throws {
        let bench = try Workbench()
        let record = HTTPPageTests.coin("a").replacing("2025-11-03T08:41:52Z", with: time)
        _ = try HTTPPageTests.load("[\(record),\(HTTPPageTests.coin("b"))]", bench)
        #expect(try HTTPPageTests.quarantine(bench).map(\.reasons) == ["timestamp_out_of_range"])
    }

    @Test func thirtyDigitsStay() throws {
        let bench = try Workbench()
        _ = try HTTPPageTests.load("[\(HTTPPageTests.coin(price: "123456789012345.678901234567890123"))]", bench)
        #expect(try bench.lines()[0].contains(#""price_usd":123456789012345.678901234567890123,"#))
    }

    @Test func aDeepBombIsAnErrorAtOnce() throws {
        let (outcome, run) = try HTTPPageTests.load([UInt8](repeating: UInt8(ascii: "["), count: 10 << 20), try Workbench())
        #expect(outcome == .failed && run.errors.map(\.type) == [.parse])
    }

    @Test func aSourceOfOnlyBadRecordsEnds() throws {
        let body = "[" + String(repeating: "1,", count: 150_000) + "1]"
        let (outcome, run) = try HTTPPageTests.load(body, try Workbench())
        #expect(outcome == .failed && run.quarantined == 100_000 && run.errors.map(\.type) == [.data], "\(run.quarantined) \(run.errors)")
        #expect(run.errors[0].message.contains("too_many_bad_records"))
    }

    @Test func thereMayBeSeveralBatchesOfAPage() throws {
        let coins = (0..<12_000).map { HTTPPageTests.coin("c\($0)") }
        let (outcome, run) = try HTTPPageTests.load("[\(coins.joined(separator: ","))]", try Workbench())
        #expect(outcome == .loaded && run.inserted == 12_000 && run.batches.map(\.rows).reduce(0, +) == 12_000)
        #expect(run.batches.count >= 3 && run.batches.allSatisfy { $0.rows <= 5_000 }, "\(run.batches.map(\.rows))")
    }
}

/// Records that are not the elements of an array of objects.
@Suite struct RecordFormTests {
    private static func source(_ form: HTTPSource.Form, _ records: String, _ fields: [TickerField: String]) -> HTTPSource {
        HTTPSource(upstream: Upstream(url: "https://example.test", userAgent: "test"), records: records, form: form, fields: fields)
    }

    @Test(arguments: ["", #","zzz":NaN"#])
    func theMembersOfAMapAreRecords(bad: String) throws {
        let bench = try Workbench()
        let source = Self.source(.map, "/d", [.symbol: "/", .sourceID: "/", .price: "/usd", .timestamp: "/at"])
        let body = #"{"d":{"bitcoin":{"usd":53953,"at":1700000000},"b\u0061d":{"usd":-1,"at":1700000000}\#(bad)},"n":1}"#
        let (_, run) = try HTTPPageTests.load(body, bench, source: source)
        #expect(run.inserted == 1 && run.quarantined == (bad.isEmpty ? 1 : 2), "\(run)")
        #expect(try bench.lines()[0].hasPrefix(#"{"symbol":"BITCOIN","name":"BITCOIN","price_usd":53953,"#))
        #expect(try HTTPPageTests.quarantine(bench)[0].content == #"{"b\u0061d":{"usd":-1,"at":1700000000}}"#, "the name belongs to the record")
    }

    @Test func aMapsMembersMayBeNumbers() throws {
        let bench = try Workbench()
        let source = Self.source(.map, "/bpi", [.symbol: "/", .timestamp: "/", .price: ""])
        let (_, run) = try HTTPPageTests.load(#"{"bpi":{"2021-01-01":38204.8987,"2021-01-02":41853.1942}}"#, bench, source: source)
        #expect(run.inserted == 2, "\(run)")
    }

    @Test func oneObjectIsOneRecord() throws {
        let bench = try Workbench()
        guard case .http(var source) = HTTPPageTests.source.kind else { return }
        source.form = .object
        #expect(try HTTPPageTests.load(HTTPPageTests.coin(), bench, source: source).run.inserted == 1)
        let (outcome, run) = try HTTPPageTests.load(#"{"error":"id not found"}"#, bench, source: source)
        #expect(outcome == .failed && run.errors.map(\.type) == [.shape] && run.errors[0].message.contains("id not found"), "\(run.errors)")
        let (_, bad) = try HTTPPageTests.load(#"{"id":1,"id":2}"#, bench, source: source)
        #expect(bad.quarantined == 1 && bad.errors.map(\.type) == [.data])
    }

    @Test func arraysAreRecordsWhenFieldsArePositions() throws {
        let bench = try Workbench()
        let source = Self.source(.array, "/prices", [.symbol: "/2", .timestamp: "/0", .price: "/1"])
        let (_, run) = try HTTPPageTests.load(#"{"prices":[[1700000000000,1.5,"BTC"],[1700000000000,"2","ETH"],{"0":1}]}"#, bench, source: source)
        #expect(run.inserted == 2 && run.quarantined == 1, "\(run)")
    }
}
