import MarketData
import TestSupport
import Testing
import TickerStore

@testable import Ingest

/// What a `csv` source may declare (spec section 2).
@Suite struct CSVDeclarationTests {
    static let header = "symbol,price_usd,timestamp\n"

    @Test func aDeclaredSeparatorIsNotSniffed() async throws {
        let bench = try Workbench()
        try bench.declare { $0.separator = UInt8(ascii: ";") }
        try bench.put("a.csv", "symbol;name;price_usd;timestamp\nA;one,two,three,four;1;2024-12-15\n")
        #expect(try await bench.run().inserted == 1)
    }

    @Test func aDecimalCommaAndItsThousands() async throws {
        let bench = try Workbench()
        try bench.declare { source in
            source.format.decimalSeparator = UInt8(ascii: ",")
            source.format.timestamps.slashes = .dayFirst
        }
        try bench.put("a.csv", "symbol;price_usd;volume_24h;timestamp\nA;60.309,1;1 234 567,50;28.04.2013\nB;1.5;1;28.04.2013\n")
        let run = try await bench.run()
        #expect(run.inserted == 1 && bench.quarantineReasons == ["bad_number": 1], "\(run) \(bench.quarantineReasons)")
        #expect(
            try bench.lines()[0].contains(
                #""price_usd":60309.1,"volume_24h":1234567.50,"market_cap":null,"percent_change_24h":null,"timestamp":"2013-04-28T00:00:00Z""#
            )
        )
    }

    @Test(arguments: [(CSVSource.Encoding.latin1, "Z\u{FC}rich \u{20AC}"), (.windows1252, "Z\u{FC}rich \u{20AC}")])
    func singleByteTextBecomesUTF8(encoding: CSVSource.Encoding, name: String) async throws {
        let bench = try Workbench()
        try bench.declare { $0.encoding = encoding }
        let euro: [UInt8] = encoding == .windows1252 ? [0x80] : []
        try bench.put(
            "a.csv",
            Array("symbol,name,price_usd,timestamp\nA,Z".utf8) + [0xFC] + Array("rich ".utf8) + euro + Array(",1,2024-12-15\n".utf8)
        )
        #expect(try await bench.run().inserted == 1)
        let expected = encoding == .windows1252 ? name : "Z\u{FC}rich"
        #expect(try bench.lines()[0].contains("\"name\":\"\(expected)\""))
    }

    @Test func aByteOrderMarkIsBelievedBeforeTheDeclaredEncoding() async throws {
        let bench = try Workbench()
        try bench.declare { $0.encoding = .latin1 }
        try bench.put("a.csv", "\u{FEFF}symbol,name,price_usd,timestamp\nA,Z\u{FC}rich,1,2024-12-15\n")
        #expect(try await bench.run().inserted == 1)
        #expect(try bench.lines()[0].contains("\"name\":\"Z\u{FC}rich\""))
    }

    @Test(arguments: [false, true]) func aDecodedFileThatGrewIsReadOn(isCompressed: Bool) async throws {
        let bench = try Workbench()
        try bench.declare { $0.encoding = .latin1 }
        let line: (Int) -> [UInt8] = { Array("S\($0),M".utf8) + [0xFC, 0xFC] + Array("nze,1,2024-12-15\n".utf8) }
        let old = Array("symbol,name,price_usd,timestamp\n".utf8) + (0..<30).flatMap(line)
        let new = (30..<40).flatMap(line)
        try bench.put("a.csv", isCompressed ? gzip(old) : old)
        #expect(try await bench.run().inserted == 30)
        try bench.restart()
        try bench.put("a.csv", isCompressed ? gzip(old) + gzip(new) : old + new)
        let second = try await bench.run()
        #expect(second.extracted == 10 && second.inserted == 10 && second.quarantined == 0, "\(second)")
    }

    @Test func aFileWithoutAHeaderLosesNoLine() async throws {
        let bench = try Workbench()
        try bench.declare { source in
            source.columns = ["time", "close", "volume"]
            source.declared = ["time": .timestamp, "close": .price]
            source.symbolPattern = "^([A-Z]+)USD"
        }
        try bench.put("XBTUSD_60.csv", "1381095255,122.0,0.1\n1381179030,123.61,0.1\n")
        try bench.put("ETHUSD_60.csv", "time,close,volume\n1381095255,3.0,0.1\n")
        let run = try await bench.run()
        #expect(run.inserted == 3 && run.errors.isEmpty, "\(run)")
        #expect(try bench.lines().map { $0.contains("\"symbol\":\"XBT\"") } == [false, true, true])
        try bench.put("XBTUSD_60.csv", "1381095255,122.0,0.1\n1381179030,123.61,0.1\n1381182630,124,0.1\n")
        let second = try await bench.run()
        #expect(second.inserted == 1 && second.extracted == 1, "\(second)")
    }

    @Test func aFileNameWithoutASymbolIsAnErrorThatNamesIt() async throws {
        let bench = try Workbench()
        try bench.declare { $0.symbolPattern = "^([a-z]+)_price" }
        try bench.put("prices.csv", "price_usd,timestamp\n1,2024-12-15\n")
        try bench.put("eth_price.csv", "price_usd,timestamp\n1,2024-12-15\n")
        let run = try await bench.run()
        #expect(run.inserted == 1 && run.errors.count == 1 && run.errors[0].message.contains("prices.csv"), "\(run)")
        try bench.declare { $0.symbolPattern = "(" }
        #expect(try await bench.run().errors.map(\.type) == [.schema])
    }

    @Test func aConstantWinsAndNeedsNoColumn() async throws {
        let bench = try Workbench()
        try bench.declare { source in
            source.format.constants = [.symbol: "eur", .name: "Euro", .sourceID: "ecb-eur"]
            source.declared = ["USD": .price, "Date": .timestamp]
        }
        try bench.put("a.csv", "Date,symbol,USD,JPY,\n2024-12-13,XXX,1.0518,160.2,\n2024-12-12,,N/A,160.1,\n")
        let run = try await bench.run()
        #expect(run.inserted == 1 && bench.quarantineReasons == ["missing_price_usd": 1], "\(run)")
        #expect(try bench.lines()[0].hasPrefix(#"{"symbol":"EUR","name":"Euro","price_usd":1.0518,"#))
        #expect(try bench.lines()[0].hasSuffix(#""source":"csv","source_id":"ecb-eur"}"#))
    }

    @Test func patternsFindValuesInTexts() async throws {
        let bench = try Workbench()
        try bench.declare { $0.format.patterns = [.symbol: "^([A-Z]+)/USDT$", .price: "[0-9.]+"] }
        try bench.put("a.csv", Self.header + "BTC/USDT,about 5.10 dollars,2024-12-15\nETC/BTC,1,2024-12-15\nA/USDT,none,2024-12-15\n")
        let run = try await bench.run()
        #expect(run.inserted == 1 && bench.quarantineReasons == ["bad_symbol": 1, "bad_number": 1], "\(bench.quarantineReasons)")
        #expect(try bench.lines()[0].hasPrefix(#"{"symbol":"BTC","name":"BTC","price_usd":5.10,"#))
    }

    @Test func aPatternThatIsNoneIsSaidOfEachRecord() async throws {
        let bench = try Workbench()
        try bench.declare { $0.format.patterns = [.price: "("] }
        try bench.put("a.csv", Self.header + "A,1,2024-12-15\n")
        _ = try await bench.run()
        #expect(bench.quarantineReasons == ["bad_pattern": 1])
    }

    @Test func aDeclaredOffsetAndOrderOfDates() async throws {
        let bench = try Workbench()
        try bench.declare { $0.format.timestamps = Timestamp.Format(offsetMinutes: 330, slashes: .monthFirst) }
        try bench.put("a.csv", Self.header + "A,1,12/15/2024 05:30\nB,1,15/12/2024\nC,1,2024-12-15 05:30 IST\n")
        _ = try await bench.run()
        #expect(try bench.lines().map { $0.contains(#""timestamp":"2024-12-15T00:00:00Z""#) } == [true])
        #expect(bench.quarantineReasons == ["bad_timestamp": 1, "timestamp_zone_name": 1])
    }

    @Test func eachPatternOfNamesHasItsOwnSource() async throws {
        let bench = try Workbench()
        let inbox = bench.path + "/inbox"
        bench.sources = [
            SourceDefinition(name: "rest", kind: .csv(CSVSource(inbox: inbox, excludedPatterns: ["kraken_*", "?.txt"]))),
            SourceDefinition(name: "kraken", kind: .csv(CSVSource(inbox: inbox, pattern: "kraken_*"))),
            SourceDefinition(name: "letters", kind: .csv(CSVSource(inbox: inbox, pattern: "?.txt"))),
            SourceDefinition(name: "twice", kind: .csv(CSVSource(inbox: inbox, pattern: "kraken_*"))),
        ]
        try bench.restart()
        for name in ["a.csv", "kraken_b.csv", "c.txt", "dd.txt", "kraken_e.csv.part"] { try bench.put(name, Self.header + "A,1,2024-12-15\n") }
        let run = try await bench.run()
        #expect(run.inserted == 4 && run.errors.isEmpty, "\(run)")
        #expect(
            try bench.lines().map { $0.split(separator: "\"source\":\"")[1].prefix { $0 != "\"" } }.sorted() == [
                "kraken", "letters", "rest", "twice",
            ]
        )
        #expect(try await bench.run().skipped == 4)
    }

    @Test func whateverChangesAFilesMeaningReadsItAgain() {
        let plain = CSVSource(inbox: "i", declared: ["a": .price])
        var versions = [plain.mappingVersion(.infer, approvals: "")]
        let changes: [(inout CSVSource) -> Void] = [
            { $0.separator = 59 }, { $0.encoding = .latin1 }, { $0.encoding = .windows1252 }, { $0.columns = [] }, { $0.columns = ["a"] },
            { $0.columns = ["a", ""] }, { $0.symbolPattern = "a" }, { $0.declared = ["a": .volume] }, { $0.format.zeroIsNull = [.volume] },
            { $0.format.decimalSeparator = 44 }, { $0.format.timestamps.offsetMinutes = 1 }, { $0.format.timestamps.slashes = .dayFirst },
            { $0.format.timestamps.slashes = .monthFirst }, { $0.format.constants = [.symbol: "a"] }, { $0.format.constants = [.name: "a"] },
            { $0.format.patterns = [.symbol: "a"] },
        ]
        for change in changes {
            var source = plain
            change(&source)
            versions.append(source.mappingVersion(.infer, approvals: ""))
            source.inbox = "elsewhere"
            source.pattern = "*.txt"
            #expect(source.mappingVersion(.infer, approvals: "") == versions.last, "which files it reads says nothing of their meaning")
        }
        #expect(Set(versions).count == versions.count, "\(versions)")
        #expect(plain.mappingVersion(.infer, approvals: "") == "3:a=price_usd", "a version that infers more reads all files again")
    }

    @Test(arguments: [
        ("*.csv", "a.csv", true), ("*.csv", "a.csv.gz", false), ("a?c", "abc", true), ("a?c", "ac", false), ("*", "", true), ("", "a", false),
        ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false), ("**a", "aaa", true), ("?", "é", true), ("A*", "a", false),
        ("*a*a*a*a*a*a*a*a*a*a*b", String(repeating: "a", count: 255), false),
    ])
    func namePatterns(pattern: String, name: String, fits: Bool) {
        #expect(FileNamePattern(pattern).matches(name) == fits, "\(pattern) \(name)")
    }

    @Test func aTextPatternGivesItsGroupOrItsMatch() throws {
        #expect(try TextPattern("a(b+)").value(in: "xabbb") == "bbb")
        #expect(try TextPattern("b+").value(in: "xabbb") == "bbb")
        #expect(try TextPattern("(c)|b").value(in: "b") == nil, "the group has no part in it")
        #expect(try TextPattern("c").value(in: "b") == nil)
        #expect(try TextPattern("a$").value(in: String(repeating: "a", count: TextPattern.longestText + 1)) == nil)
        #expect(throws: TextPattern.Unreadable.self) { try TextPattern("[") }
    }
}
