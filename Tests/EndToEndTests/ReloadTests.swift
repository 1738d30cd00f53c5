import Foundation
import TestSupport
import Testing

/// SIGHUP as an operator uses it.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct ReloadTests {
    private static func server(_ directory: TemporaryDirectory, _ text: String, more: [String] = []) throws -> ServerProcess {
        try directory.write(text, to: "a.conf")
        return try ServerProcess(
            dataDirectory: directory.path + "/data",
            arguments: ["--config", directory.path + "/a.conf"] + more,
            environment: ServerTests.offline
        )
    }

    /// Asks for a reload and waits until the log has a line with such an end.
    private static func reload(_ server: ServerProcess, until text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        server.send(signal: SIGHUP)
        for _ in 0..<200 where !server.errorOutputSoFar.contains(text) { usleep(50_000) }
        #expect(server.errorOutputSoFar.contains(text), "\(server.errorOutputSoFar)", sourceLocation: sourceLocation)
    }

    private static func metric(_ server: ServerProcess, _ name: String) throws -> String? {
        try server.get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(name + " ") || $0.hasPrefix(name + "{") }.map(String.init)
    }

    @Test func whatIsDifferentCountsAtOnceAndTheRestIsNamed() throws {
        let directory = try TemporaryDirectory()
        let server = try Self.server(directory, "{ no_schedule: true, sources: { coinpaprika: { quota: { per_minute: 7 } } } }")
        #expect(try Self.metric(server, "kasparro_config_last_reload_successful")?.hasSuffix(" 1") == true)
        try directory.write(
            """
            { no_schedule: true, log_level: "debug", cors_origin: "https://example.org", listen: "127.0.0.1:1",
              sources: { coinpaprika: { quota: { per_minute: 5 } }, coingecko: { enabled: false }, own: { kind: "csv", files: "own_*.csv" } } }
            """,
            to: "a.conf"
        )
        Self.reload(server, until: "reloaded \(directory.path)/a.conf: ")
        let line = try #require(server.errorOutputSoFar.split(separator: "\n").first { $0.contains("reloaded ") })
        #expect(!line.contains("listen"), "the option wins over the file, so listen is not different: \(line)")
        for name in ["log_level", "cors_origin", "sources.coinpaprika.quota", "sources.coingecko.enabled", "sources.own"] {
            #expect(line.contains(name), "no \(name): \(line)")
        }
        let stats = try server.get("/stats").text
        #expect(stats.contains("\"own\"") && !stats.contains("coingecko"), "\(stats)")
        #expect(try server.get("/metrics").text.contains(#"quota_requests_per_minute{source="coinpaprika"} 5"#))
        #expect(try server.get("/data", headers: ["Origin": "https://example.org"]).header("Access-Control-Allow-Origin") == "https://example.org")
        try directory.write("symbol,price_usd,timestamp\nA,1,2024-12-15\n", to: "data/inbox/own_1.csv")
        #expect(try server.post("/refresh?source=own&wait=30").text.contains(#""status":"success""#))
        #expect(try server.post("/refresh?source=coingecko").status == 400)
    }

    @Test func aWrongFileChangesNothing() throws {
        let directory = try TemporaryDirectory()
        let server = try Self.server(directory, "{ no_schedule: true }")
        try directory.write("{ no_schedule: true, lissten: 1,\n sources: { coinpaprika: { quta: 1 } } }", to: "a.conf")
        Self.reload(server, until: "was not reloaded")
        let log = server.errorOutputSoFar
        #expect(log.contains("a.conf:1:31: /lissten: unknown key; did you mean listen?") && log.contains("/sources/coinpaprika/quta"), "\(log)")
        #expect(try Self.metric(server, "kasparro_config_last_reload_successful")?.hasSuffix(" 0") == true)
        #expect(try server.get("/stats").text.contains("coingecko"))
        for bad in [String(repeating: " ", count: 2 << 20), "\u{0}", "{", "[]"] {
            let before = server.errorOutputSoFar.components(separatedBy: "was not reloaded").count
            try directory.write(bad, to: "a.conf")
            server.send(signal: SIGHUP)
            for _ in 0..<200 where server.errorOutputSoFar.components(separatedBy: "was not reloaded").count == before { usleep(50_000) }
            #expect(server.errorOutputSoFar.components(separatedBy: "was not reloaded").count > before, "\(bad.prefix(3))")
        }
        unlink(directory.path + "/a.conf")
        mkfifo(directory.path + "/a.conf", 0o600)
        Self.reload(server, until: "cannot read the configuration file")
        unlink(directory.path + "/a.conf")
        try directory.write("{ no_schedule: true }", to: "a.conf")
        Self.reload(server, until: "nothing is different")
        #expect(try Self.metric(server, "kasparro_config_last_reload_successful")?.hasSuffix(" 1") == true)
    }

    @Test func aServerWithoutAFileRereadsItsCredentials() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        Self.reload(server, until: "there is no configuration file: nothing is different")
        try directory.write("another-token-of-mine\n", to: "token")
        chmod(directory.path + "/token", 0o600)
        Self.reload(server, until: "there is no configuration file: credentials")
        #expect(try server.post("/refresh?source=csv").status == 202)
    }

    @Test func manyAtOnceAndOneWhileStoppingDoNoHarm() throws {
        let directory = try TemporaryDirectory()
        let server = try Self.server(directory, "{ no_schedule: true }")
        for round in 0..<50 {
            if round.isMultiple(of: 10) { try directory.write("{ no_schedule: true, every: \"\(round + 1)m\" }", to: "a.conf") }
            server.send(signal: SIGHUP)
        }
        #expect(try server.get("/livez").status == 200)
        server.send(signal: SIGTERM)
        for _ in 0..<20 { server.send(signal: SIGHUP) }
        #expect(try server.wait().exitCode == 0, "\(server.errorOutputSoFar)")
    }

    @Test func aRunThatGoesOnKeepsItsSources() throws {
        let upstream = ScriptedServer([.hang])
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        try directory.write("{ no_schedule: true }", to: "a.conf")
        let server = try ServerProcess(
            dataDirectory: directory.path + "/data",
            arguments: ["--config", directory.path + "/a.conf"],
            environment: ["COINPAPRIKA_API_URL": upstream.url + "/v1/tickers"]
        )
        #expect(try server.post("/refresh?source=coinpaprika").status == 202)
        try directory.write(
            "{ no_schedule: true, sources: { coinpaprika: { enabled: false }, own: { kind: 'csv', files: 'own_*.csv' } } }",
            to: "a.conf"
        )
        Self.reload(server, until: "reloaded ")
        #expect(try server.get("/health").text.contains(#""run_in_progress":"etl_"#), "the run was ended")
        #expect(try server.post("/refresh?source=own").status == 409, "a source that the run does not know cannot join it")
        #expect(try server.terminate().exitCode == 0)
    }
}
