import MarketData
import Testing
import Transfer

@testable import Ingest

/// What becomes of a configuration that is right.
@Suite struct SourceCatalogTests {
    @Test func theBuiltInTextIsWhatTheProgramDoesWithoutAFile() throws {
        let catalog = SourceCatalog(
            file: nil,
            surroundings: ConfigurationSurroundings(variables: [:], dataDirectory: "/data", userAgent: "kasparro/1")
        )
        #expect(catalog.problems.isEmpty && catalog.secrets.isEmpty, "\(catalog.problems)")
        #expect(catalog.sources.map(\.name) == ["coinpaprika", "coingecko", "csv"])
        guard case .http(let paprika) = catalog.sources[0].kind, case .http(let gecko) = catalog.sources[1].kind,
            case .csv(let csv) = catalog.sources[2].kind
        else { return #expect(Bool(false), "kinds: \(catalog.sources.map(\.kindName))") }
        #expect(paprika.upstream.url == "https://api.coinpaprika.com/v1/tickers" && paprika.upstream.query == [NamedText("quotes", "USD")])
        #expect(paprika.upstream.quota == Quota(perMinute: 10, perMonth: 20_000) && paprika.upstream.userAgent == "kasparro/1")
        #expect(paprika.pagination == .none && paprika.maximumPages == 1 && paprika.format == RecordFormat(zeroIsNull: [.marketCap]))
        #expect(paprika.fields.count == 8 && paprika.fields[.price] == "/quotes/USD/price" && paprika.fields[.timestamp] == "/last_updated")
        #expect(gecko.pagination == .page(first: 1) && gecko.maximumPages == 4 && gecko.upstream.quota == Quota(perMinute: 3, perMonth: 10_000))
        #expect(
            gecko.upstream.query
                == [
                    NamedText("vs_currency", "usd"), NamedText("order", "market_cap_desc"), NamedText("per_page", "250"), NamedText("page", "{page}"),
                ]
        )
        #expect(csv == CSVSource(inbox: "/data/inbox", declared: ["ticker": .symbol, "usd_price": .price, "tx_volume": .volume, "time": .timestamp]))
    }

    @Test func everyMemberOfAnHTTPSourceCanBeWritten() throws {
        let (definition, catalog) = try source(
            """
            kind: "http", url: "https://api.example.test/{limit}/prices", query: { from: "{since}", after: "{cursor}", all: true, n: 5 },
            headers: { Accept: "application/json", "X-Api-Key": { env: "KEY" }, Authorization: { prefix: "Bearer ", env: "KEY" } },
            user_agent: "mine/1", quota: { per_minute: 7, per_month: 70 }, allow_private: true, allow_empty: true, max_bytes: "64MiB",
            connect_timeout: "5s", timeout: "1m", ca_file: "/etc/own.pem", pagination: { kind: "cursor", pointer: "/meta/next" }, max_pages: 9, limit: 50, records: "/data", form: "map",
            fields: { price_usd: "/p", timestamp: "/t", market_cap: "/m" }, constants: { symbol: "BTC", name: "Bitcoin", source_id: "b" },
            patterns: { price_usd: "([0-9.]+)" }, zero_is_null: ["market_cap", "volume_24h"], decimal: ",", timezone: "+05:30", dates: "dd/mm/yyyy",
            every: "15m", schema: { mode: "freeze" }, enabled: true,
            """,
            variables: ["KEY": "s3cr3t"]
        )
        #expect(catalog.problems.isEmpty, "\(catalog.problems)")
        var upstream = Upstream(url: "https://api.example.test/{limit}/prices", userAgent: "mine/1")
        upstream.query = [NamedText("from", "{since}"), NamedText("after", "{cursor}"), NamedText("all", "true"), NamedText("n", "5")]
        upstream.headers = [NamedText("Accept", "application/json"), NamedText("X-Api-Key", "s3cr3t"), NamedText("Authorization", "Bearer s3cr3t")]
        upstream.quota = Quota(perMinute: 7, perMonth: 70)
        upstream.allowsPrivateAddresses = true
        upstream.limits.maximumBytes = 64 << 20
        upstream.limits.connectTimeout = .seconds(5)
        upstream.limits.totalTimeout = .seconds(60)
        upstream.certificateFile = "/etc/own.pem"
        let expected = HTTPSource(
            upstream: upstream,
            pagination: .cursor(pointer: "/meta/next"),
            maximumPages: 9,
            pageLimit: 50,
            records: "/data",
            form: .map,
            fields: [.price: "/p", .timestamp: "/t", .marketCap: "/m"],
            format: RecordFormat(
                zeroIsNull: [.marketCap, .volume],
                decimalSeparator: UInt8(ascii: ","),
                timestamps: Timestamp.Format(offsetMinutes: 330, slashes: .dayFirst),
                constants: [.symbol: "BTC", .name: "Bitcoin", .sourceID: "b"],
                patterns: [.price: "([0-9.]+)"]
            ),
            allowsEmpty: true
        )
        #expect(definition == SourceDefinition(name: "own", kind: .http(expected), intervalMilliseconds: 900_000, schemaMode: .freeze))
    }

    @Test func everyMemberOfACSVSourceCanBeWritten() throws {
        let (definition, catalog) = try source(
            """
            kind: "csv", files: "Binance_*.csv", directory: "/elsewhere", extra_files: ["/a.csv"], separator: "tab", encoding: "windows-1252",
            columns: ["when", "Close", "vol"], symbol: { file_name: "Binance_(\\\\w+)USDT" },
            fields: { timestamp: ["when", "at"], price_usd: "Close" }, timezone: "-08:00", decimal: ","
            """
        )
        #expect(catalog.problems.isEmpty, "\(catalog.problems)")
        let expected = CSVSource(
            inbox: "/elsewhere",
            extraFiles: ["/a.csv"],
            pattern: "Binance_*.csv",
            separator: 0x09,
            encoding: .windows1252,
            columns: ["when", "Close", "vol"],
            symbolPattern: #"Binance_(\w+)USDT"#,
            declared: ["when": .timestamp, "at": .timestamp, "Close": .price],
            format: RecordFormat(decimalSeparator: UInt8(ascii: ","), timestamps: Timestamp.Format(offsetMinutes: -480))
        )
        #expect(definition?.kind == .csv(expected))
    }

    @Test func everyMemberOfAFeedCanBeWritten() throws {
        let (definition, catalog) = try source(
            """
            kind: "feed", url: "https://example.test/feed", records: "feed/entry", allow_empty: true,
            fields: { symbol: "@currency", price_usd: "content/m:properties/d:PRICE", timestamp: "../@time" }, patterns: { price_usd: "[0-9.]+" },
            """
        )
        #expect(catalog.problems.isEmpty, "\(catalog.problems)")
        let expected = FeedSource(
            upstream: Upstream(url: "https://example.test/feed", userAgent: "test"),
            records: "feed/entry",
            fields: [.symbol: "@currency", .price: "content/m:properties/d:PRICE", .timestamp: "../@time"],
            format: RecordFormat(patterns: [.price: "[0-9.]+"]),
            allowsEmpty: true
        )
        #expect(definition?.kind == .feed(expected))
    }

    @Test(arguments: [
        (#"pagination: "none""#, "", Pagination.none, 1), (#"pagination: "page""#, "?p={page}", .page(first: 1), 100),
        (#"pagination: { kind: "page", first: 0 }"#, "?p={page}", .page(first: 0), 100),
        (#"pagination: { kind: "offset" }"#, "?o={offset}", .offset, 100),
        (#"pagination: "link", max_pages: 3"#, "", .linkHeader, 3),
        (#"pagination: { kind: "next_url", pointer: "/links/next" }"#, "", .nextURL(pointer: "/links/next"), 100),
    ])
    func everyWayToAskForMoreCanBeWritten(members: String, query: String, pagination: Pagination, pages: Int) throws {
        let text = plainHTTP.replacing("/v1/prices", with: "/v1/prices\(query)") + ", " + members
        let (definition, catalog) = try source(text)
        #expect(catalog.problems.isEmpty, "\(catalog.problems)")
        guard case .http(let http) = definition?.kind else { return #expect(Bool(false), "no http source") }
        #expect(http.pagination == pagination && http.maximumPages == pages)
    }

    @Test func anEntryWithoutKindChangesOnlyWhatItNames() throws {
        let catalog = try catalog(
            "{ sources: { coingecko: { quota: { per_minute: 30, per_month: null }, query: { per_page: '100' }, every: '5m' }, coinpaprika: { enabled: false } } }"
        )
        #expect(catalog.problems.isEmpty && catalog.sources.map(\.name) == ["coingecko", "csv"], "\(catalog.problems)")
        guard case .http(let gecko) = catalog.sources[0].kind else { return #expect(Bool(false), "no http source") }
        #expect(gecko.upstream.quota == Quota(perMinute: 30, perMonth: nil) && gecko.maximumPages == 4 && gecko.fields.count == 8)
        #expect(gecko.upstream.query.map(\.name) == ["vs_currency", "order", "per_page", "page"] && gecko.upstream.query[2].value == "100")
        #expect(catalog.sources[0].intervalMilliseconds == 300_000)
    }

    @Test func anEntryWithKindReplacesABuiltInOne() throws {
        let catalog = try catalog("{ sources: { coingecko: { \(plainHTTP) } } }")
        #expect(catalog.problems.isEmpty, "\(catalog.problems)")
        guard case .http(let gecko) = catalog.sources[1].kind else { return #expect(Bool(false), "no http source") }
        #expect(gecko.fields.count == 3 && gecko.upstream.quota == Quota() && gecko.upstream.query.isEmpty && gecko.format == RecordFormat())
    }

    @Test func theDefaultCSVSourceLeavesFilesToThoseThatClaimThem() throws {
        let catalog = try catalog(
            """
            { sources: { binance: { kind: "csv", files: "Binance_*.csv", symbol: "BTC" }, other: { kind: "csv", files: "x*.csv", directory: "/y" } } }
            """
        )
        guard case .csv(let csv) = catalog.sources.first(where: { $0.name == "csv" })?.kind else { return #expect(Bool(false), "no csv source") }
        #expect(csv.excludedPatterns == ["Binance_*.csv"], "\(csv.excludedPatterns) \(catalog.problems)")
    }

    @Test func aFileThatTwoPatternsMatchIsTheFirstOnes() throws {
        let catalog = try catalog(
            """
            { sources: { a: { kind: "csv", files: "Binance_*.csv", symbol: "BTC" }, b: { kind: "csv", files: "*_d.csv", symbol: "BTC" } } }
            """
        )
        let excluded = catalog.sources.compactMap { definition in if case .csv(let source) = definition.kind { source.excludedPatterns } else { nil }
        }
        #expect(excluded == [["Binance_*.csv", "*_d.csv"], [], ["Binance_*.csv"]], "csv, a, b: \(excluded)")
    }

    @Test func theEnvironmentReplacesAddressesAndAddsAFile() throws {
        let catalog = try catalog(
            "{}",
            variables: [
                "COINPAPRIKA_API_URL": "http://127.0.0.1:9/x", "COINGECKO_API_URL": "http://127.0.0.1:9/y?vs_currency=usd",
                "KASPARRO_CSV": "/more.csv",
            ]
        )
        guard case .http(let paprika) = catalog.sources[0].kind, case .http(let gecko) = catalog.sources[1].kind,
            case .csv(let csv) = catalog.sources[2].kind
        else { return #expect(Bool(false), "kinds: \(catalog.sources.map(\.kindName))") }
        #expect(paprika.upstream.url == "http://127.0.0.1:9/x" && paprika.upstream.query.count == 1)
        #expect(gecko.upstream.query.isEmpty && gecko.pagination == .none && gecko.maximumPages == 1, "a place without {page} is one page")
        #expect(csv.extraFiles == ["/more.csv"])
    }

    @Test func pagesGoOnWhenTheOverrideLeavesTheQuery() throws {
        let gecko = BuiltInSources.coingecko(override: "http://127.0.0.1:9/y", userAgent: "test")
        guard case .http(let http) = gecko.kind else { return #expect(Bool(false), "no http source") }
        #expect(http.pagination == .page(first: 1) && http.maximumPages == 4 && http.upstream.query.count == 4)
    }

    @Test func theOriginOfEachValueIsKnown() throws {
        let catalog = try catalog(
            "{ sources: {\n coingecko: {\n quota: { per_minute: 30 },\n headers: { 'x-cg-demo-api-key': { env: 'KEY' } } } } }",
            variables: ["KEY": "s3cr3t", "COINPAPRIKA_API_URL": "http://me:pass1@127.0.0.1:9/x"]
        )
        func value(_ path: String) -> String? {
            catalog.values.first { $0.path == path }.map { String(decoding: $0.json, as: UTF8.self) + " " + $0.origin }
        }
        #expect(value("sources.coingecko.quota.per_minute") == "30 test.conf:3")
        #expect(value("sources.coingecko.quota.per_month") == "10000 default")
        #expect(value("sources.coinpaprika.url") == #""http://***@127.0.0.1:9/x" environment COINPAPRIKA_API_URL"#)
        #expect(value("sources.coingecko.headers.x-cg-demo-api-key")?.contains("env") == true)
        #expect(catalog.secrets.redacted("s3cr3t pass1") == "*** ***")
    }
}
