import Foundation
import Telemetry
import TestSupport
import Testing

@testable import KasparroCLI

/// What the binary says at `/metrics`, fresh, busy and started again.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct MetricsTests {
    /// A scrape without faults; what there are is reported.
    private static func scrape(_ server: ServerProcess, _ what: String, after before: ExpositionCheck? = nil) throws -> ExpositionCheck {
        let answer = try server.get("/metrics")
        #expect(answer.status == 200 && answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8", "\(what)")
        let check = ExpositionCheck(answer.body)
        #expect(check.faults.isEmpty, "\(what): \(check.faults)")
        if let before { #expect(before.faults(before: check).isEmpty, "\(what): \(before.faults(before: check))") }
        try askPromtool(about: answer.text, what)
        return check
    }

    /// What promtool says of the same text, where there is one.
    private static func askPromtool(about text: String, _ what: String) throws {
        guard let promtool = ProcessInfo.processInfo.environment["KASPARRO_PROMTOOL"], !promtool.isEmpty else { return }
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "metrics")
        let result = try Subprocess.run("sh", ["-c", #""$1" check metrics <"$2""#, "sh", promtool, directory.path + "/metrics"])
        #expect(result.exitCode == 0, "\(what): promtool: \(result.standardOutput)\(result.standardError)")
    }

    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["KASPARRO_PROMTOOL"]?.isEmpty == false,
            "KASPARRO_PROMTOOL names no promtool; `make test` fetches one"
        )
    )
    func promtoolIsAsked() throws {
        let result = try Subprocess.run(#require(ProcessInfo.processInfo.environment["KASPARRO_PROMTOOL"]), ["--version"])
        #expect(result.exitCode == 0)
    }

    /// Whatever the catalogue has is there, as it says, and nothing else is.
    private static func compareWithCatalogue(_ check: ExpositionCheck, sources: [String], _ what: String) {
        let documented = MetricsCatalog.all
        #expect(check.text.families.map(\.name) == documented.map(\.name), "\(what)")
        for metric in documented {
            guard let family = check.text[metric.name] else { continue }
            #expect(family.type == metric.type.rawValue && family.help == metric.help, "\(what): \(metric.name)")
            for label in metric.labels {
                let values = Set(family.samples.compactMap { $0[label.name] })
                switch label.values {
                case .known(let known): #expect(values == Set(known), "\(what): \(metric.name){\(label.name)}")
                case .given(let given):
                    if given == "source" { #expect(values == Set(sources), "\(what): \(metric.name)") }
                    #expect(values.count <= sources.count, "\(what): \(metric.name){\(label.name)}")
                case .open(let most, let first):
                    #expect(values.count <= most && values.isSuperset(of: first), "\(what): \(metric.name){\(label.name)} has \(values.count) values")
                }
            }
            let labels = Set(metric.labels.map(\.name) + ["le"])
            let unknown = family.samples.flatMap(\.labels).map(\.name).filter { !labels.contains($0) }
            #expect(unknown.isEmpty, "\(what): \(metric.name) has labels that nobody is told of: \(Set(unknown))")
        }
    }

    @Test func aFreshServerHasEverySeries() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let first = try Self.scrape(server, "fresh")
        Self.compareWithCatalogue(first, sources: ["coinpaprika", "coingecko", "csv"], "fresh")
        let second = try Self.scrape(server, "fresh, again", after: first)
        let text = second.text
        #expect(text.value("kasparro_unclean_shutdown") == 0)
        #expect((text.value("kasparro_http_connections") ?? 0) >= 1 && text.value("kasparro_http_connections_limit") == 1_024)
        #expect(text.value("http_request_duration_seconds_count", ["route": "/metrics", "method": "GET", "status": "200"]) == 1)
        for source in ["coinpaprika", "csv"] {
            #expect(text.value("kasparro_source_last_success_timestamp_seconds", ["source": source]) == 0)
            #expect(text.value("kasparro_source_interval_seconds", ["source": source]) == 0, "the schedule is off")
        }
        #expect((text.value("kasparro_disk_free_floor_bytes") ?? 0) > 0)
        try server.terminate()
    }

    /// A server that is kept busy with good and bad things.
    private struct BusyServer {
        let directory: TemporaryDirectory
        let upstream: ScriptedServer
        let arguments: [String]

        init() throws {
            directory = try TemporaryDirectory()
            let good = #"[{"s":"eth","p":2.50,"t":"2025-12-31T00:00:00Z"}]"#
            upstream = ScriptedServer(answers: [
                .answer(body: good), .answer("418 I'm a teapot", body: "no"), .answer("418 I'm a teapot", body: "no"),
            ])
            try directory.write(
                """
                { sources: { coinpaprika: { enabled: false }, coingecko: { enabled: false }, coins: { kind: "http", url: "\(upstream.url)/c",
                  quota: { per_minute: 100, per_month: 1000 }, fields: { symbol: "/s", price_usd: "/p", timestamp: "/t" } } } }
                """,
                to: "kasparro.conf"
            )
            arguments = ["--no-schedule", "--config", directory.path + "/kasparro.conf"]
            // Enough of a series to test, and then a jump; in a symbol that an exposition must escape.
            var file = "ticker,coin_name,price_in_usd,vol_24h,timestamp\n"
            for hour in 0..<12 {
                file += #""q""\n\\",N,\#(hour == 11 ? 900 : 100),1,2024-12-15 \#(hour + 10):00:00"# + "\n"
            }
            file += "BAD,N,nothing,1,2024-12-15\n"
            try directory.write(file, to: "data/inbox/a.csv")
        }

        func start() throws -> ServerProcess { try ServerProcess(dataDirectory: directory.path + "/data", arguments: arguments) }
    }

    /// Requests that no client with good manners sends.
    private static func beRude(to server: ServerProcess) throws {
        for path in ["/data?limit=0", "/nothing", "/no%0Athing%22%5C", "/data?symbol=%22%5C%0A", "/runs/\u{22}\\", "/assets/..%2f", "/metrics?x=1"] {
            _ = try server.get(path)
        }
        for number in 0..<40 { _ = try server.get("/stranger\(number)?a=\(number)") }
        for method in ["BREW", "PROPFIND", "X\"Y", "DELETE", "TRACE", "HEAD"] {
            _ = try HTTPAnswer.exchange(Array("\(method) /data HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8), port: server.port)
        }
        _ = try HTTPAnswer.exchange(Array("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".utf8), port: server.port)
        #expect(try server.post("/refresh", headers: ["Authorization": "Bearer no"], authorized: false).status == 401)
    }

    @Test func aBusyServerAndTheOneAfterItsDeath() throws {
        let busy = try BusyServer()
        defer { busy.upstream.stop() }
        let server = try busy.start()
        let before = try Self.scrape(server, "before")
        let stream = try RawSocket(port: server.port)
        stream.send(Array("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        for _ in 0..<3 { #expect(try server.post("/refresh?wait=30").status == 202) }
        try Self.beRude(to: server)
        let check = try Self.scrape(server, "busy", after: before)
        Self.compareWithCatalogue(check, sources: ["coins", "csv"], "busy")
        let text = check.text
        #expect(
            text.value("kasparro_runs_total", ["status": "success"]) == 1 && text.value("kasparro_runs_total", ["status": "partial_success"]) == 2
        )
        #expect(text.value("kasparro_run_rows_total", ["source": "csv", "outcome": "inserted"]) == 12)
        #expect(text.value("kasparro_run_rows_total", ["source": "csv", "outcome": "quarantined"]) == 1)
        #expect(text.value("kasparro_run_rows_total", ["source": "csv", "outcome": "skipped"]) == 26, "the file was there twice more")
        #expect(text.value("kasparro_schema_mappings_total", ["source": "csv", "decision": "applied"]) == 3)
        #expect(text.value("outlier_detected_total", ["field": "price_usd", "type": "percentage_jump", "symbol": #"Q"\N\\"#]) == 1)
        #expect(text.value("outlier_detected_total", ["field": "price_usd", "type": "z_score", "symbol": "ETH"]) == 0, "tested, and well")
        #expect(text.value("kasparro_upstream_responses_total", ["source": "coins", "code": "418"]) == 2)
        #expect(text.value("kasparro_source_consecutive_failures", ["source": "coins"]) == 2)
        #expect(text.value("kasparro_stream_clients") == 1 && (text.value("kasparro_http_connections") ?? 0) >= 2)
        #expect((text.value("kasparro_wal_fsync_duration_seconds_count") ?? 0) >= 5)
        #expect((text.value("kasparro_http_refused_requests_total", ["code": "malformed_request"]) ?? 0) >= 1)
        #expect((text["http_request_duration_seconds"]?.samples.contains { $0["route"] == "_other" && $0["method"] == "GET" }) == true)

        try server.kill9()
        let restarted = try busy.start()
        let after = try Self.scrape(restarted, "started again").text
        #expect(after.value("kasparro_unclean_shutdown") == 1)
        for name in ["last_attempt", "last_success", "newest_data", "watermark"] {
            let metric = "kasparro_source_\(name)_timestamp_seconds"
            for source in ["coins", "csv"] {
                let (old, new) = (text.value(metric, ["source": source]) ?? 0, after.value(metric, ["source": source]) ?? -1)
                // When a run begins is known more exactly while its process lives.
                #expect(old > 0 && (name == "last_attempt" ? abs(new - old) < 1 : new == old), "\(metric) of \(source) was \(old) and is \(new)")
            }
        }
        #expect(after.value("kasparro_source_newest_data_timestamp_seconds", ["source": "coins"]) == 1_767_139_200)
        #expect(after.value("kasparro_source_consecutive_failures", ["source": "coins"]) == 2)
        #expect(after.value("kasparro_runs_total", ["status": "success"]) == 0, "counted in this process")
        let copy = try Subprocess.run(BinaryUnderTest.required(), ["backup", busy.directory.path + "/copy", "--data-dir", restarted.dataDirectory])
        #expect(copy.exitCode == 0, "\(copy.standardError)")
        let saved = try Self.scrape(restarted, "behind a backup").text.value("kasparro_last_backup_timestamp_seconds") ?? 0
        #expect(saved > 1_767_139_200)
        try restarted.terminate()

        let third = try busy.start()
        let last = try Self.scrape(third, "behind an orderly stop").text
        #expect(last.value("kasparro_unclean_shutdown") == 0 && last.value("kasparro_last_backup_timestamp_seconds") == saved)
        try third.terminate()
    }

    /// A stop between a batch and the end of its run loses neither.
    @Test func theNewestDataOfARunThatWasKilledAreKnown() throws {
        let directory = try TemporaryDirectory()
        let rows = (0..<2_500).map { "A\($0),1,2024-12-15T00:00:00Z\n" }.joined()
        try directory.write("symbol,price_usd,timestamp\n" + rows, to: "inbox/a.csv")
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"], environment: ["KASPARRO_FAULT": "crash@batch:3"])
        _ = try? server.post("/refresh?source=csv&wait=30")
        try server.wait()
        let text = try Self.scrape(ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"]), "killed in a run").text
        #expect(text.value("kasparro_source_newest_data_timestamp_seconds", ["source": "csv"]) == 1_734_220_800)
        #expect(text.value("kasparro_source_watermark_timestamp_seconds", ["source": "csv"]) == 0, "it was not read to its end")
        #expect(text.value("kasparro_source_last_success_timestamp_seconds", ["source": "csv"]) == 0)
        #expect((text.value("kasparro_source_last_attempt_timestamp_seconds", ["source": "csv"]) ?? 0) > 1_734_220_800)
    }
}
