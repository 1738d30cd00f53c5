import MarketData
import Testing
import TickerStore

@testable import Ingest

/// Mistakes are found before anything runs, all of them, with their place and what to do.
@Suite struct ConfigurationProblemTests {
    @Test func allMistakesAreToldAtOnceWithTheirPlaces() throws {
        let catalog = try catalog(
            """
            { sources: {
              coingecko: { quota: { per_minut: 3 } },
              own: { kind: "http", url: "https://x.test/{pge}", quota: { per_minute: 0 }, recrods: "/data",
                fields: { symbol: "s", price_usd: "/p", timestamp: "/t" } },
              Bad: { kind: "csv" }, coingeko: { max_pages: 2 },
            } }
            """
        )
        let lines = catalog.problems.map(\.description)
        #expect(lines.contains("test.conf:2:36: /sources/coingecko/quota/per_minut: unknown key; did you mean per_minute?"), "\(lines)")
        #expect(lines.contains { $0.hasPrefix("test.conf:3:29: /sources/own/url: unknown placeholder; did you mean {page}?") }, "\(lines)")
        #expect(lines.contains { $0.contains("/sources/own/quota/per_minute: a whole number from 1 to") }, "\(lines)")
        #expect(lines.contains { $0.contains("/sources/own/recrods: unknown key; did you mean records?") }, "\(lines)")
        #expect(lines.contains { $0.contains("/sources/own/fields/symbol: a JSON pointer begins with /") }, "\(lines)")
        #expect(lines.contains { $0.contains("/sources/Bad: a source's name has") }, "\(lines)")
        #expect(lines.contains { $0.contains("/sources/coingeko: ") && $0.contains("did you mean coingecko?") }, "\(lines)")
        #expect(lines.count == 7, "\(lines)")
    }

    /// Members of an http source that is right without them, and the start of what is to be said.
    @Test(arguments: [
        (#"quota: 5"#, "/quota: an object is expected"), (#"quota: { per_minute: "5" }"#, "/quota/per_minute: a whole number"),
        (#"quota: { per_month: -1 }"#, "/quota/per_month: a whole number"), (#"every: "1 hour""#, "/every: a number with"),
        (#"every: "0s""#, "/every: a number with"), (#"every: 60"#, "/every: a number with"), (#"every: "90d""#, "/every: a time from 1s to 31d"),
        (#"timeout: "5s", connect_timeout: "6s""#, "/connect_timeout: this is longer"), (#"max_bytes: "64X""#, "/max_bytes: a number of bytes"),
        (#"max_bytes: 0"#, "/max_bytes: a number of bytes"), (#"form: "list""#, "/form: one of \"array\""),
        (#"records: "data""#, "/records: a JSON pointer"),
        (#"user_agent: """#, "/user_agent: text in quotes is expected, and this is empty"),
        (#"allow_private: "yes""#, "/allow_private: true or false"),
        (#"separator: ";""#, "/separator: a source of kind http has no separator, only one of kind csv"),
        (#"pagination: "page""#, "/pagination: {page} stands neither"), (#"pagination: "offset""#, "/pagination: {offset} stands neither"),
        (#"pagination: "cursor""#, "/pagination: it must say where the cursor stands"),
        (#"pagination: { kind: "cursor" }"#, "/pagination: pointer is missing"),
        (#"pagination: "pages""#, "/pagination: one of"), (#"pagination: { kind: "link", first: 1 }"#, "/pagination/first: only"),
        (#"pagination: { kind: "next_url", pointer: "links" }"#, "/pagination/pointer: a JSON pointer begins"),
        (#"query: { p: "{page}" }"#, "/query/p: {page} needs pagination: \"page\""), (#"query: { p: "{limit}" }"#, "/query/p: {limit} needs limit"),
        (#"query: { p: "{" }"#, "/query/p: a brace that belongs to no placeholder"), (#"limit: 5"#, "/limit: {limit} stands neither"),
        (#"max_pages: 2"#, "/max_pages: without pagination"), (#"max_pages: 0"#, "/max_pages: a whole number"),
        (#"patterns: { price_usd: "(" }"#, "/patterns/price_usd: not a regular expression"),
        (#"patterns: { market_cap: "x" }"#, "/patterns/market_cap: fields has no market_cap"),
        (#"constants: { price_usd: "1" }"#, "/constants/price_usd: unknown key"),
        (#"zero_is_null: ["price_usd"]"#, "/zero_is_null/0: one of"), (#"zero_is_null: "market_cap""#, "/zero_is_null: an array"),
        (#"timezone: "Europe/Berlin""#, "/timezone: an offset from UTC"), (#"dates: "yyyy""#, "/dates: \"dd/mm/yyyy\""),
        (#"decimal: ";""#, "/decimal: "),
        (#"schema: { mode: "freze" }"#, "/schema/mode: one of \"infer\", \"freeze\" is expected; did you mean freeze?"),
        (#"headers: { Host: "x" }"#, "/headers/Host: this header is set"), (#"headers: { "a b": "x" }"#, "/headers/a b: this is no name"),
        (#"headers: { A: "x", a: "y" }"#, "/headers/a: there is a header"), (#"headers: { A: "x\ny" }"#, "/headers/A: a control character"),
        (#"headers: { Authorization: "Bearer x" }"#, "/headers/Authorization: a secret does not belong"),
        (#"headers: { "X-CG-Pro-API-Key": "x" }"#, "/headers/X-CG-Pro-API-Key: a secret does not belong"),
        (#"query: { api_key: "x" }"#, "/query/api_key: a secret does not belong"),
        (#"headers: { A: { env: "NONE" } }"#, "/headers/A/env: the environment variable NONE is not set"),
        (#"headers: { A: { file: "/none/there" } }"#, "/headers/A/file: the secret cannot be read: open /none/there: "),
        (#"headers: { A: { prefix: "x" } }"#, "/headers/A: one of env and file"),
        (#"headers: { A: { evn: "HOME" } }"#, "/headers/A/evn: unknown key; did you mean env?"),
        (#"enabled: 1"#, "/enabled: true or false"),
    ])
    func aMemberThatIsWrongIsNamed(member: String, message: String) throws {
        let (_, catalog) = try source(plainHTTP + ", " + member)
        #expect(catalog.errors.contains { $0.hasPrefix("/sources/own" + message) }, "\(catalog.errors)")
    }

    @Test(arguments: [
        (#"https://{page}.x.test/"#, "a placeholder cannot stand in the host"), ("ftp://x.test/", "is no absolute http or https URL"),
        ("/v1/x", "is no absolute http or https URL"), ("https://me:geheim@x.test/", "user and password do not belong"),
        ("https://x.test/?api_key=abc", "a secret does not belong into a URL"), ("https://x.test/a b", "is no absolute http or https URL"),
    ])
    func aURLThatCannotBeAskedIsNamedWithoutItsSecrets(url: String, message: String) throws {
        let (_, catalog) = try source(plainHTTP.replacing("https://api.example.test/v1/prices", with: url))
        #expect(catalog.errors.contains { $0.hasPrefix("/sources/own/url: ") && $0.contains(message) }, "\(catalog.errors)")
        #expect(!catalog.errors.contains { $0.contains("geheim") || $0.contains("abc") })
    }

    @Test(arguments: [
        (#"kind: "csv", files: "a/b.csv""#, "/files: file names are meant"),
        (#"kind: "csv", files: "a", separator: "ab""#, "/separator: one character"),
        (#"kind: "csv", files: "a", encoding: "utf-16""#, "/encoding: one of"), (#"kind: "csv", files: "a", columns: []"#, "/columns: the names"),
        (#"kind: "csv", files: "a", columns: ["a", "b"]"#, "/columns: no column gives symbol, price_usd, timestamp"),
        (#"kind: "csv", files: "a", fields: { symbol: "x", name: "x" }"#, "/fields/name: the column is that of symbol already"),
        (#"kind: "csv", files: "a", symbol: { file_nam: "x" }"#, "/symbol/file_nam: unknown key"),
        (#"kind: "csv", files: "a", symbol: { file_name: "[" }"#, "/symbol/file_name: not a regular"),
        (#"kind: "csv", files: "a", symbol: "A", constants: { symbol: "B" }"#, "/symbol: constants has a symbol already"),
        (#"kind: "csv""#, ": another source reads every file"), (#"kind: "http""#, ": url is missing"), (#"kind: "htp""#, "/kind: one of"),
        (#"url: "https://x.test""#, ": kind is missing"),
        (#"kind: "http", url: "https://x.test", fields: { symbol: "/s" }, schema: { mode: "freeze" }"#, "/fields: price_usd, timestamp are missing"),
        (#"kind: "feed", url: "https://x.test", fields: { symbol: "/s", price_usd: "a@", timestamp: "a//b" }"#, "/fields/symbol: '/s' is no path"),
        (#"kind: "feed", url: "https://x.test/{page}", fields: { symbol: "s", price_usd: "p", timestamp: "t" }"#, "/url: {page} needs"),
    ])
    func aSourceThatCannotWorkIsNamed(members: String, message: String) throws {
        let (_, catalog) = try source(members)
        #expect(catalog.errors.contains { $0.hasPrefix("/sources/own" + message) }, "\(catalog.errors)")
    }

    @Test func aSourceThatIsSwitchedOffNeedsNoSecret() throws {
        let (definition, catalog) = try source(plainHTTP + #", enabled: false, headers: { A: { env: "NONE" } }"#)
        #expect(definition == nil && catalog.problems.isEmpty, "\(catalog.problems)")
    }

    @Test func anyTextEndsInSourcesOrProblems() throws {
        var random = SystemRandomNumberGenerator()
        let text = Array(BuiltInSources.text.utf8)
        for _ in 0..<300 {
            var changed = text
            for _ in 0..<3 { changed[Int.random(in: 0..<changed.count, using: &random)] = Array("{}[]:,'\"x0 /".utf8).randomElement(using: &random)! }
            guard let file = try? ConfigurationText(path: "x", bytes: changed) else { continue }
            let catalog = SourceCatalog(file: file, surroundings: ConfigurationSurroundings(variables: [:], dataDirectory: "/d", userAgent: "t"))
            #expect(catalog.sources.count <= 6 && catalog.problems.allSatisfy { $0.place.line >= 1 }, "\(String(decoding: changed, as: UTF8.self))")
        }
    }
}

extension ConfigurationProblemTests {
    @Test func aFileInUTF16SaysSo() {
        let bytes: [UInt8] = [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]
        let problem = #expect(throws: ConfigurationProblem.self) { try ConfigurationText(path: "k.conf", bytes: bytes) }
        #expect(problem?.description.contains("save the file as UTF-8") == true)
    }
}
