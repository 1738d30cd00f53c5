import Foundation
import TestSupport
import Testing

/// The kernel says no: system calls that fail or kill at the n-th time (strace), and a disk that is really full.
@Suite(.serialized, .enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct DiskFaultTests {
    static let rows = 20_000
    static let rounds = max(1, KillTests.rounds / 10)

    /// The server as strace starts it; the tracer is a process beside it.
    static func injecting(_ call: String, _ what: String) -> [String] {
        ["strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(call):\(what)"]
    }

    static let mayTrace: Bool = {
        let result = try? Subprocess.run("strace", ["-D", "-f", "-o", "/dev/null", "-e", "inject=fdatasync:error=EIO:when=1..2", "true"])
        return result?.exitCode == 0
    }()

    static let mayMount: Bool = {
        guard let directory = try? TemporaryDirectory() else { return false }
        let script = #"mount -t tmpfs -o size=1m tmpfs "$1""#
        return (try? Subprocess.run("unshare", ["-Urm", "sh", "-c", script, "sh", directory.path]))?.exitCode == 0
    }()

    static func directory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write(KillTests.history(rows: rows, updated: 0).file, to: "inbox/history.csv")
        return directory
    }

    /// A healthy server on the same directory finds what was reported, in whole batches, and loads the rest.
    static func checkNextStart(_ directory: TemporaryDirectory, reported: Int, _ what: String) throws {
        let next = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let survived = try KillTests.normalized(next)
        #expect(survived >= reported, "\(what): \(reported) rows were reported, \(survived) are there")
        #expect(survived % KillTests.batch == 0, "\(what): \(survived) rows: a batch is there in part")
        let run = try next.post("/refresh?source=csv&wait=60")
        #expect(run.text.contains(#""status":"success""#), "\(what): \(run.text)")
        #expect(try KillTests.normalized(next) == rows, "\(what): after the second run")
        try next.terminate()
        #expect(try KillTests.sealedLines(directory.path) == rows, "\(what): lines in the sealed files")
    }

    @Test(.enabled(if: mayTrace, "strace is missing or not permitted"), arguments: [4, 7, 12])
    func aFailedSyncEndsTheProgramAndLosesNothing(time: Int) throws {
        let directory = try Self.directory()
        let launcher = Self.injecting("fdatasync", "error=EIO:when=\(time)")
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"], launcher: launcher)
        let run = try? server.post("/refresh?source=csv&wait=60")
        #expect(run?.text.contains(#""status":"success""#) != true, "a run whose rows are not on the disk is called a success")
        let reported = (try? KillTests.normalized(server)) ?? 0
        let end = try server.wait(timeout: .seconds(60))
        #expect(end.exitCode != 0, "the program must say that it failed")
        try Self.checkNextStart(directory, reported: reported, "sync \(time) failed")
    }

    @Test(.enabled(if: mayTrace, "strace is missing or not permitted")) func aFullDiskHealsWithoutARestart() throws {
        let directory = try Self.directory()
        let launcher = Self.injecting("pwrite64", "error=ENOSPC:when=12..16")
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"], launcher: launcher)
        var answers: [String] = []
        for _ in 0..<20 where answers.last?.contains(#""status":"success""#) != true {
            answers.append(try server.post("/refresh?source=csv&wait=60").text)
        }
        #expect(answers.count > 1, "no write failed")
        #expect(answers.last?.contains(#""status":"success""#) == true, "\(answers.last ?? "")")
        #expect(try KillTests.normalized(server) == Self.rows)
        try server.terminate()
        try Self.checkNextStart(directory, reported: Self.rows, "writes 12 to 16 failed")
    }

    static let calls = ["pwrite64", "fdatasync", "fsync", "rename", "ftruncate", "unlink"]

    @Test(.enabled(if: mayTrace, "strace is missing or not permitted"), arguments: calls)
    func killedInTheMiddleOfASystemCall(call: String) throws {
        for round in 0..<Self.rounds {
            let time = Int.random(in: 1...(call == "pwrite64" || call == "fdatasync" ? 30 : 12))
            let what = "round \(round), killed at \(call) number \(time)"
            let directory = try Self.directory()
            let launcher = Self.injecting(call, "signal=SIGKILL:when=\(time)")
            var reported = 0
            // It may die before it answers, or never.
            if let server = try? ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"], launcher: launcher) {
                _ = try? server.post("/refresh?source=csv")
                while server.isRunning, reported < Self.rows, let now = try? KillTests.normalized(server) { reported = max(reported, now) }
                _ = try? server.terminate()
            }
            try Self.checkNextStart(directory, reported: reported, what)
        }
    }

    @Test(.enabled(if: mayMount, "user namespaces are not permitted")) func aDiskThatIsReallyFullIsReadOnlyUntilThereIsSpace() throws {
        let outside = try Self.directory()
        let disk = try TemporaryDirectory()
        let script = #"mount -t tmpfs -o size=160m tmpfs "$1" && mkdir "$1/inbox" && cp "$2"/inbox/* "$1/inbox" && shift 2 && exec "$@""#
        let launcher = ["unshare", "-Urm", "sh", "-c", script, "sh", disk.path, outside.path]
        let server = try ServerProcess(dataDirectory: disk.path, arguments: ["--no-schedule"], launcher: launcher, isInNamespace: true)
        #expect(try server.post("/refresh?source=csv&wait=60").text.contains(#""status":"success""#))

        let filler = server.dataDirectory + "/inbox/.filler"
        #expect(try Subprocess.run("sh", ["-c", #"head -c 110000000 /dev/zero >"$1""#, "sh", filler]).exitCode == 0)
        let full = try Self.wait(for: server) { $0.contains(#""store":"read_only""#) }
        #expect(full.contains("bytes free"), "/health must say why: \(full)")
        #expect(try server.get("/data?limit=1").status == 200, "reads go on")

        try FileManager.default.removeItem(atPath: filler)
        _ = try Self.wait(for: server) { $0.contains(#""store":"ok""#) }
        #expect(try server.post("/refresh?source=csv&wait=60").text.contains(#""status":"success""#), "takes rows again without a restart")
        try server.terminate()
    }

    /// Asks /health until it says what is waited for.
    private static func wait(for server: ServerProcess, _ isSaid: (String) -> Bool) throws -> String {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let text = try server.get("/health").text
            if isSaid(text) || ContinuousClock.now > deadline {
                #expect(isSaid(text), "\(text)")
                return text
            }
        }
    }
}
