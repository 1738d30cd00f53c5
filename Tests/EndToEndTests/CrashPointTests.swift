import Foundation
import TestSupport
import Testing

/// The program dies at every batch of a load, at every commit, and at every write and sync of it; the next run makes the store what it would be.
@Suite(.serialized, .enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct CrashPointTests {
    /// Five batches of rows, and one that says that the file was read to its end.
    static let rows = 5_000
    static let batches = 6

    /// What any program finds in the sealed files of a store, sorted.
    struct Contents: Equatable {
        var rows: [Substring]
        /// Without what tells of the run that brought them.
        var raw: [Substring]

        init(of directory: String) throws {
            rows = try Self.lines("tickers", of: directory)
            raw = try Self.lines("raw", of: directory)
        }

        static func lines(_ family: String, of directory: String) throws -> [Substring] {
            let origin = #""fetched_at":"[^"]*","run_id":"[^"]*","batch":[0-9]+,"lsn":[0-9]+,"#
            let script = #"zcat "$1"/segments/"$2"/*.jsonl.gz | sed -E "s/$3//" | LC_ALL=C sort"#
            let result = try Subprocess.run("sh", ["-c", script, "sh", directory, family, origin])
            return result.standardOutput.split(separator: "\n")
        }
    }

    /// A store whose inbox holds one file.
    private static func store(rows: Int) throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write(KillTests.history(rows: rows, updated: 0).file, to: "inbox/history.csv")
        return directory
    }

    private static func load(_ directory: TemporaryDirectory, source: String = "csv", _ arguments: [String] = [], fault: String? = nil) throws
        -> Subprocess.Result
    {
        try Subprocess.run(
            BinaryUnderTest.required(),
            ["run", "--source", source, "--data-dir", directory.path] + arguments,
            environment: ["KASPARRO_FAULT": fault]
        )
    }

    private static func undisturbed(rows: Int) throws -> Contents {
        let directory = try store(rows: rows)
        #expect(try load(directory).exitCode == 0)
        let contents = try Contents(of: directory.path)
        #expect(contents.rows.count == rows && Set(contents.rows).count == rows && contents.raw.count == rows)
        return contents
    }

    /// The runs of a store, oldest first.
    private static func runs(_ directory: TemporaryDirectory) throws -> [[String: Any]] {
        let runs = try Contents.lines("runs", of: directory.path).map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        return runs.sorted { ($0["sequence"] as? Int ?? 0) < ($1["sequence"] as? Int ?? 0) }
    }

    private static func counter(_ name: String, of run: [String: Any]) -> Int { (run["stats"] as? [String: Any])?[name] as? Int ?? -1 }

    /// Two runs: the second goes on behind the last batch that the first one committed. Gives that batch's number.
    private static func checkRuns(_ directory: TemporaryDirectory, source: String, rows: Int, _ what: String) throws -> Int {
        let runs = try runs(directory)
        try #require(runs.count == 2, "\(what): \(runs)")
        let (dead, next) = (runs[0], runs[1])
        let failed = try #require(dead["failed_batches"] as? [[String: Any]], "\(what)")
        let number = try #require(failed.first?["batchNum"] as? Int, "\(what): \(dead)")
        #expect(failed.count == 1 && failed[0]["source"] as? String == source, "\(what): \(failed)")
        #expect(dead["status"] as? String == "failed" && dead["batches_total"] as? Int == number - 1, "\(what): \(dead)")
        #expect(next["status"] as? String == "success", "\(what): \(next)")
        #expect(counter("inserted", of: dead) + counter("inserted", of: next) == rows, "\(what): rows were inserted twice, or not counted")
        if (dead["ended_sources"] as? [String])?.contains(source) == true {
            #expect(next["resume_from"] is NSNull, "\(what): nothing was left to go on with")
        } else {
            let point = try #require(next["resume_from"] as? [String: Any], "\(what): \(next)")
            #expect(point["batch"] as? Int == number && point["run_id"] as? String == dead["run_id"] as? String, "\(what): \(point)")
            #expect(point["source"] as? String == source && point["sources"] as? [String] == [source], "\(what): \(point)")
            #expect(counter("duplicates", of: next) == 0, "\(what): a committed batch was loaded again")
            let first = (next["batches"] as? [[String: Any]])?.first?["no"] as? Int
            #expect(first == number || first == nil, "\(what): the next run does not number on")
        }
        let status = try ControlSocketTests.object(ControlSocketTests.kasparro("status", "--json", "--data-dir", directory.path))
        let counts = status["counts"] as? [String: Any]
        #expect(counts?["normalized"] as? Int == rows && counts?["raw"] as? Int == rows, "\(what): \(status)")
        return number
    }

    @Test(arguments: ["crash@batch", "crash@commit"]) func aCrashAtEveryBatchLeavesTheRowsOfAnUndisturbedRun(kind: String) throws {
        let expected = try Self.undisturbed(rows: Self.rows)
        for number in 1...Self.batches {
            let what = "\(kind):\(number)"
            let directory = try Self.store(rows: Self.rows)
            let dead = try Self.load(directory, fault: what)
            #expect(dead.signal == SIGKILL, "\(what): \(dead)")
            #expect(dead.standardError.contains("KASPARRO_FAULT=\(what)"), "\(what): the log does not say why: \(dead.standardError)")
            let next = try Self.load(directory)
            #expect(next.exitCode == 0, "\(what): \(next)")
            #expect(try Contents(of: directory.path) == expected, "\(what): other rows or raw records than those of an undisturbed run")
            let failed = try Self.checkRuns(directory, source: "csv", rows: Self.rows, what)
            // What was written and not synced is there when only the process dies, with what shared the sync.
            #expect(kind == "crash@batch" ? failed == number : failed >= number, "\(what): batch \(failed) is said to have failed")
        }
    }

    @Test(.enabled(if: DiskFaultTests.mayTrace, "strace is missing or not permitted"), arguments: ["pwrite64", "fdatasync"])
    func aKillAtEveryWriteAndSyncLeavesTheRowsOfAnUndisturbedRun(call: String) throws {
        let rows = 2_000
        let expected = try Self.undisturbed(rows: rows)
        var points = 0
        while true {
            let what = "\(call) number \(points + 1)"
            let directory = try Self.store(rows: rows)
            let command = try DiskFaultTests.injecting(call, "signal=SIGKILL:when=\(points + 1)") + [BinaryUnderTest.required()]
            let dead = try Subprocess.run(command[0], Array(command.dropFirst()) + ["run", "--source", "csv", "--data-dir", directory.path])
            if dead.signal != SIGKILL {
                #expect(dead.exitCode == 0, "\(what): \(dead)")
                break
            }
            points += 1
            let next = try Self.load(directory)
            #expect(next.exitCode == 0, "\(what): \(next)")
            #expect(try Contents(of: directory.path) == expected, "\(what): other rows or raw records than those of an undisturbed run")
        }
        // A start, two batches, the file's end, the source's end, the run's end.
        #expect(points >= 6, "the load made only \(points) calls of \(call)")
    }

    @Test func aWalkOverAnAPIGoesOnAtThePageItDiedIn() throws {
        let upstream = ScriptedServer()
        defer { upstream.stop() }
        let configuration = try TemporaryDirectory()
        let fields = #"fields: { symbol: "/symbol", source_id: "/id", price_usd: "/price", timestamp: "/updated" }"#
        let source = #"kind: "http", url: "\#(upstream.url)/coins?page={page}", pagination: "page", quota: { per_minute: 100 }, \#(fields)"#
        try configuration.write("{ sources: { walk: { \(source) } } }", to: "walk.conf")
        let arguments = ["--config", configuration.path + "/walk.conf"]
        func play(from first: Int) {
            let pages = (first...3).map { page in
                let coins = ["a", "b"].map {
                    #"{"id":"\#($0)\#(page)","symbol":"\#($0)\#(page)","price":\#(page).5,"updated":"2025-11-03T08:42:31.204Z"}"#
                }
                return Script.answer(body: "[\(coins.joined(separator: ","))]")
            }
            upstream.play(all: pages + [.answer(body: "[]")])
        }
        for number in 1...3 {
            let what = "crash@batch:\(number)"
            let directory = try TemporaryDirectory()
            play(from: 1)
            #expect(try Self.load(directory, source: "walk", arguments, fault: what).signal == SIGKILL, "\(what)")
            let asked = upstream.requests.count
            play(from: number)
            let next = try Self.load(directory, source: "walk", arguments)
            #expect(next.exitCode == 0, "\(what): \(next)")
            #expect(upstream.requests[asked].hasPrefix("GET /coins?page=\(number) "), "\(what): \(upstream.requests[asked])")
            #expect(try Self.checkRuns(directory, source: "walk", rows: 6, what) == number, "\(what)")
            let contents = try Contents(of: directory.path)
            #expect(Set(contents.rows).count == 6 && contents.rows.count == 6 && contents.raw.count == 6, "\(what): \(contents)")
        }
    }

    @Test func aFaultIsShownAndABadOneStartsNothing() throws {
        let directory = try TemporaryDirectory()
        for command in ["serve", "run", "check"] {
            let refused = try Subprocess.run(
                BinaryUnderTest.required(),
                [command, "--data-dir", directory.path + "/data"],
                environment: ["KASPARRO_FAULT": "crash@bach:2"]
            )
            #expect(refused.exitCode == 2 && refused.standardError.contains("crash@batch:N, crash@commit:N"), "\(command): \(refused)")
        }
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/data"), "a wrong setting made a data directory")
        let server = try ServerProcess(
            dataDirectory: directory.path,
            arguments: ["--no-schedule"],
            environment: ServerTests.offline.merging(["KASPARRO_FAULT": "error@batch:1"]) { $1 }
        )
        #expect(try ServerTests.object(server.get("/health"))["fault"] as? String == "error@batch:1")
        #expect(server.outputSoFar.contains("KASPARRO_FAULT=error@batch:1"), "the banner: \(server.outputSoFar)")
        #expect(server.errorOutputSoFar.contains("KASPARRO_FAULT=error@batch:1"), "the log: \(server.errorOutputSoFar)")
        try directory.write("symbol,price_usd,timestamp\nA,1,2024-12-15\n", to: "inbox/a.csv")
        let failed = try ServerTests.object(server.post("/refresh?source=csv&wait=60"))
        #expect(failed["status"] as? String == "failed", "\(failed)")
        let run = try #require(ServerTests.array(server.get("/runs")).first)
        #expect((run["failed_batches"] as? [[String: Any]])?.first?["batchNum"] as? Int == 1, "\(run)")
        #expect(try ServerTests.object(server.post("/refresh?source=csv&wait=60"))["status"] as? String == "success")
        try server.terminate()
    }

    @Test func aPauseBeforeABatchEndsWithTheServer() throws {
        let directory = try Self.store(rows: 2_000)
        let server = try ServerProcess(
            dataDirectory: directory.path,
            arguments: ["--no-schedule"],
            environment: ServerTests.offline.merging(["KASPARRO_FAULT": "slow@batch:2"]) { $1 }
        )
        #expect(try server.post("/refresh?source=csv").status == 202)
        while try KillTests.normalized(server) < 1_000 {}
        let asked = ContinuousClock.now
        #expect(try server.terminate().exitCode == 0)
        #expect(ContinuousClock.now - asked < .seconds(8), "the pause held up the stop")
        #expect(try Self.load(directory).exitCode == 0)
        #expect(try Contents(of: directory.path).rows.count == 2_000)
    }
}
