import Foundation
import TestSupport
import Testing

/// The binary as a user meets it.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct ServerTests {
    static let sample = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/testdata/Historical_Data.csv"

    static func object(_ answer: HTTPAnswer) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text.prefix(300))")
    }

    static func array(_ answer: HTTPAnswer) throws -> [[String: Any]] {
        try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]], "\(answer.text.prefix(300))")
    }

    /// Sources that no test may reach out for: port 1 of this machine.
    static let offline: [String: String?] = [
        "COINPAPRIKA_API_URL": "http://127.0.0.1:1/v1/tickers", "COINGECKO_API_URL": "http://127.0.0.1:1/api/v3/coins/markets",
    ]

    static func serverWithSample(_ directory: TemporaryDirectory) throws -> ServerProcess {
        try directory.write(String(contentsOfFile: sample, encoding: .utf8), to: "inbox/Historical_Data.csv")
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"], environment: offline)
        #expect(try server.post("/refresh?source=csv&wait=30").status == 202)
        return server
    }

    @Test func theSecondRefreshOfTheSameFileInsertsNothing() throws {
        let directory = try TemporaryDirectory()
        let server = try Self.serverWithSample(directory)
        let refresh = try Self.object(server.post("/refresh?source=csv&wait=30"))
        let counts = try #require(refresh["pre_run_counts"] as? [String: Int])
        #expect(counts == ["raw": 510, "normalized": 510])
        let stats = try Self.object(server.get("/stats"))
        let incremental = try #require(stats["incremental"] as? [String: Int])
        #expect(
            incremental["last_run_new_records"] == 0 && incremental["last_run_skipped"] == 510 && incremental["total_duplicate_prevention"] == 510
        )
        #expect((stats["counts"] as? [String: Any])?["normalized"] as? Int == 510)
    }

    @Test func theCommandsOfTheManualHaveTheirShapes() throws {
        let directory = try TemporaryDirectory()
        let server = try Self.serverWithSample(directory)
        let health = try Self.object(server.get("/health"))
        #expect(health["status"] as? String == "ok" && (health["components"] as? [String: Any])?["db_connected"] as? Bool == true)
        let refresh = try Self.object(server.post("/refresh"))
        #expect((refresh["run_id"] as? String)?.hasPrefix("etl_") == true && refresh["pre_run_counts"] is [String: Int])
        let metrics = try server.get("/metrics").text
        for name in ["throttle_events_total", "quota_requests_per_minute", "tokens_remaining", "retry_latency_seconds"] {
            #expect(metrics.contains("\n\(name)"), "no \(name)")
        }
        let run = try #require(Self.array(server.get("/runs")).first)
        for member in ["run_id", "status", "failed_batches", "resume_from", "applied_mappings", "quarantined_mappings", "schema_version"] {
            #expect(run[member] != nil, "a run has no \(member)")
        }
        let page = try Self.object(server.get("/data?symbol=BTC&limit=5&sort_by=timestamp&sort_dir=desc"))
        let pagination = try #require(page["pagination"] as? [String: Any])
        #expect(pagination["has_more"] as? Bool == true && pagination["limit"] as? Int == 5)
        let cursor = try #require(pagination["next_cursor"] as? String)
        let next = try Self.object(server.get("/data?limit=10&cursor=\(cursor)"))
        #expect((next["data"] as? [[String: Any]])?.count == 5, "BTC has ten rows, five of them on the first page")
        let id = try #require(run["run_id"] as? String)
        #expect(try Self.object(server.get("/runs/\(id)"))["batches"] is [Any])
    }

    @Test func aWalkInSevensOverTheWireGivesEachRowExactlyOnce() throws {
        let directory = try TemporaryDirectory()
        var file = "symbol,price_usd,timestamp\n"
        for row in 0..<10_000 { file += "C\(row / 50),\(row + 1),\(1_700_000_000 + row % 50 * 60)\n" }
        try directory.write(file, to: "inbox/crowd.csv")
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        _ = try server.post("/refresh?source=csv&wait=30")
        var walks: [[String]] = []
        for direction in ["asc", "desc"] {
            var lines: [String] = []
            var path: String? = "/data?format=ndjson&limit=7&sort_dir=\(direction)"
            while let next = path {
                let answer = try server.get(next)
                lines += answer.text.split(separator: "\n").map(String.init)
                path = answer.header("X-Next-Cursor").map { "/data?format=ndjson&limit=7&cursor=\($0)" }
            }
            #expect(lines.count == 10_000 && Set(lines).count == 10_000, "\(direction): \(lines.count) rows, \(Set(lines).count) different ones")
            walks.append(lines)
        }
        #expect(walks[0] == walks[1].reversed(), "one direction is not the reverse of the other")
    }

    @Test func numbersComeOutAsTheyWentIn() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "symbol,price_usd,volume_24h,timestamp\nX,0.00000812345678901234567,123456789012345678901234.5,2024-12-15\n",
            to: "inbox/x.csv"
        )
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        _ = try server.post("/refresh?source=csv&wait=30")
        let text = try server.get("/data").text
        #expect(text.contains(#""price_usd":0.00000812345678901234567,"volume_24h":123456789012345678901234.5,"#), "\(text)")
    }

    @Test func coinpaprikaIsFetchedMappedAndStored() throws {
        let body =
            #"[{"id":"btc-bitcoin","name":"Bitcoin","symbol":"BTC","rank":1,"last_updated":"2025-11-03T08:41:52Z","quotes":{"USD":{"price":107412.08354117,"volume_24h":41220118834.51,"market_cap":0,"percent_change_24h":-0.64}}}]"#
        let upstream = ScriptedServer(
            answer: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(
            dataDirectory: directory.path,
            arguments: ["--no-schedule"],
            environment: ["COINPAPRIKA_API_URL": upstream.url + "/v1/tickers"]
        )
        let answer = try server.post("/refresh?source=coinpaprika&wait=30").text
        #expect(answer.contains(#""status":"success""#), "\(answer)")
        #expect(upstream.requests.count == 1 && upstream.requests[0].hasPrefix("GET /v1/tickers?quotes=USD HTTP/1.1"), "\(upstream.requests)")
        #expect(
            try server.get("/data").text.contains(
                #""price_usd":107412.08354117,"volume_24h":41220118834.51,"market_cap":null,"percent_change_24h":-0.64"#
            )
        )
        #expect(try server.get("/metrics").text.contains("tokens_remaining{source=\"coinpaprika\"} 9"))
    }

    @Test func sigtermEndsItCleanlyAndTheNextStartSaysNothing() throws {
        let directory = try TemporaryDirectory()
        let server = try Self.serverWithSample(directory)
        #expect(try server.terminate().exitCode == 0)
        #expect(FileManager.default.fileExists(atPath: directory.path + "/CLEAN"))
        let again = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        #expect(try KillTests.normalized(again) == 510)
        #expect(!again.errorOutputSoFar.contains("not clean"), "\(again.errorOutputSoFar)")
    }

    @Test func aRequestThatWaitsForARunDoesNotHoldUpShutdown() throws {
        let upstream = ScriptedServer([.hang])
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(
            dataDirectory: directory.path,
            arguments: ["--no-schedule"],
            environment: ["COINPAPRIKA_API_URL": upstream.url + "/v1/tickers"]
        )
        _ = try server.post("/refresh?source=coinpaprika")
        let result = try server.terminate(timeout: .seconds(10))
        #expect(result.exitCode == 0, "\(result)")
        let again = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"], environment: Self.offline)
        let run = try #require(Self.array(again.get("/runs")).first)
        #expect(run["status"] as? String == "failed")
        #expect(((run["errors"] as? [[String: Any]])?.first?["type"] as? String) == "interrupted", "\(run)")
    }

    @Test func exitCodesSayWhatWentWrong() throws {
        let binary = try BinaryUnderTest.required()
        #expect(try Subprocess.run(binary, ["--no-such-option"]).exitCode == 2)
        #expect(try Subprocess.run(binary, ["serve", "--listen", "nonsense"]).exitCode == 2)
        #expect(try Subprocess.run(binary, ["--help"]).exitCode == 0)
        let directory = try TemporaryDirectory()
        let server = try Self.serverWithSample(directory)
        let second = try Subprocess.run(binary, ["serve", "--data-dir", directory.path, "--listen", "127.0.0.1:0"])
        #expect(second.exitCode == 75 && second.standardError.contains("pid \(server.pid)"), "\(second)")
        try server.terminate()
        let foreign = try TemporaryDirectory()
        try foreign.write("x", to: "thesis.doc")
        #expect(try Subprocess.run(binary, ["run", "--data-dir", foreign.path]).exitCode == 73)
        let logs = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/wal").map { directory.path + "/wal/" + $0 }
        for log in logs {
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: log))
            // Within the file's header.
            try handle.seek(toOffset: 40)
            try handle.write(contentsOf: Data([0xFF]))
            try handle.close()
        }
        let corrupt = try Subprocess.run(binary, ["run", "--source", "csv", "--data-dir", directory.path])
        #expect(corrupt.exitCode == 65 && logs.contains { corrupt.standardError.contains($0) }, "\(logs): \(corrupt)")
    }

    @Test func anOccupiedPortIsAnErrorAndNotAHang() throws {
        let first = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: first.path, arguments: ["--no-schedule"])
        let second = try TemporaryDirectory()
        let result = try Subprocess.run(
            BinaryUnderTest.required(),
            ["serve", "--data-dir", second.path, "--listen", "127.0.0.1:\(server.port)", "--no-schedule"]
        )
        let sentence = "cannot serve on 127.0.0.1:\(server.port): another program listens there"
        #expect(result.exitCode == 1 && result.standardError.contains(sentence), "\(result)")
        #expect(!result.standardError.contains("control socket") && !result.standardError.contains("Cancellation"), "\(result)")
        #expect(FileManager.default.fileExists(atPath: second.path + "/CLEAN"), "the store was left without an orderly stop")
    }

    @Test func anAddressOfSomebodyElseIsSaidToBeOne() throws {
        let directory = try TemporaryDirectory()
        let result = try Subprocess.run(
            BinaryUnderTest.required(),
            ["serve", "--data-dir", directory.path, "--listen", "203.0.113.9:8080", "--no-schedule"]
        )
        #expect(result.exitCode == 1 && result.standardError.contains("203.0.113.9:8080: this machine has no such address"), "\(result)")
        #expect(!result.standardError.contains("bind("), "\(result)")
    }

    @Test func aFileThatComesInDuringARunIsLoadedByWhoeverAskedForIt() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        for round in 0..<25 {
            try directory.write("symbol,price_usd,timestamp\nA\(round),1,2024-12-15\n", to: "inbox/a\(round).csv")
            _ = try server.post("/refresh?source=csv")
            try directory.write("symbol,price_usd,timestamp\nB\(round),1,2024-12-15\n", to: "inbox/b\(round).csv")
            let answer = try server.post("/refresh?source=csv&wait=30")
            #expect(answer.text.contains(#""status":"success""#), "round \(round): \(answer.text)")
            #expect(
                try server.get("/data?symbol=B\(round)&format=ndjson").text.contains("B\(round)"),
                "round \(round): the second file was not loaded"
            )
        }
    }

    @Test func anEmptyTokenFileIsMadeAnew() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "token")
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        #expect(try server.post("/refresh?source=csv&wait=10").status == 202)
        #expect(try server.post("/refresh", headers: ["Authorization": "Bearer "], authorized: false).status == 401)
    }

    @Test(arguments: ["3O0d", "30", "0d", "", "99999999999999999999d"]) func aRetentionThatIsNoTimeIsRefused(text: String) throws {
        let directory = try TemporaryDirectory()
        let result = try ControlSocketTests.kasparro("run", "--source", "csv", "--data-dir", directory.path + "/new", "--retain-raw", text)
        #expect(result.exitCode == 2 && result.standardError.contains("--retain-raw"), "\(result)")
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/new/FORMAT"))
    }

    @Test func everyOptionIsInTheManual() throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let manual = try String(contentsOfFile: root + "/man/kasparro.1", encoding: .utf8).replacing("\\-", with: "-")
        for command in [
            "serve", "run", "query", "export", "import", "status", "healthcheck", "verify", "repair", "compact", "backup", "restore", "completion",
            "version",
        ] {
            let help = try Subprocess.run(BinaryUnderTest.required(), ["help", command]).standardOutput
            #expect(
                manual.contains("\n.TP\n.B \(command)\n") || manual.contains("\n.TP\n.BI \(command) "),
                "the manual has no command \(command)"
            )
            let options = Set(help.matches(of: /--[a-z][a-z-]+/).map { String($0.output) })
            #expect(options.contains("--help"), "\(help)")
            for option in options { #expect(manual.contains(option), "the manual does not have \(option) of \(command)") }
        }
    }

    @Test func oneRunWithoutAServer() throws {
        let directory = try TemporaryDirectory()
        try directory.write("symbol,price_usd,timestamp\nA,1,2024-12-15\n", to: "inbox/a.csv")
        let run = try Subprocess.run(BinaryUnderTest.required(), ["run", "--data-dir", directory.path, "--source", "csv"])
        #expect(run.exitCode == 0 && run.standardOutput.contains("csv     success     1    1"), "\(run)")
        let unknown = try Subprocess.run(BinaryUnderTest.required(), ["run", "--data-dir", directory.path, "--source", "cvs"])
        #expect(unknown.exitCode == 2 && unknown.standardError.contains("did you mean csv"), "\(unknown)")
    }
}
