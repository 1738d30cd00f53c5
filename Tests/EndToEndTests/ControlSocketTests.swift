import Foundation
import TestSupport
import Testing

/// Commands beside a server, and without one.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct ControlSocketTests {
    static func kasparro(_ arguments: String..., environment: [String: String?] = [:]) throws -> Subprocess.Result {
        try Subprocess.run(BinaryUnderTest.required(), arguments, environment: environment)
    }

    static func object(_ result: Subprocess.Result) throws -> [String: Any] {
        // Whatever is no JSON fails with all that the command said.
        try #require((try? JSONSerialization.jsonObject(with: Data(result.standardOutput.utf8))) as? [String: Any], "\(result)")
    }

    /// Every file below a directory with its size and times; a read must not change any of it.
    static func inventory(_ directory: String) throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            var information = stat()
            try #require(lstat(directory + "/" + name, &information) == 0)
            let (modified, changed) = (information.st_mtim, information.st_ctim)
            found[name] = "\(information.st_size) \(modified.tv_sec).\(modified.tv_nsec) \(changed.tv_sec).\(changed.tv_nsec)"
        }
        return found
    }

    @Test func theSocketIsForItsOwnerAloneAndGoesWithTheServer() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        var information = stat()
        #expect(lstat(directory.path + "/control.sock", &information) == 0)
        #expect(information.st_mode & S_IFMT == S_IFSOCK && information.st_mode & 0o777 == 0o600, "\(String(information.st_mode, radix: 8))")
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/.control"))
        let lock = try String(contentsOfFile: directory.path + "/LOCK", encoding: .utf8)
        #expect(lock.hasPrefix("pid \(server.pid), kasparro ") && lock.contains("control.sock"), "\(lock)")
        #expect(try server.get("/admin/status").status == 404)
        #expect(try server.terminate().exitCode == 0)
        #expect(lstat(directory.path + "/control.sock", &information) != 0)
    }

    @Test func statusSaysTheSameWithAServerAndWithoutOne() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerTests.serverWithSample(directory)
        let beside = try Self.object(Self.kasparro("status", "--json", "--data-dir", directory.path))
        let counts = try #require(beside["counts"] as? NSDictionary)
        #expect(counts["normalized"] as? Int == 510 && (counts["by_source"] as? [String: Int]) == ["csv": 510])
        #expect((beside["server"] as? [String: Any])?["pid"] as? Int == Int(server.pid))
        let text = try Self.kasparro("status", "--data-dir", directory.path)
        #expect(text.exitCode == 0 && text.standardOutput.contains("pid \(server.pid)"), "\(text)")
        try server.terminate()

        let before = try Self.inventory(directory.path)
        let alone = try Self.object(Self.kasparro("status", "--json", "--data-dir", directory.path))
        #expect(alone["counts"] as? NSDictionary == counts)
        #expect(alone["store_id"] as? String == beside["store_id"] as? String && alone["server"] is NSNull)
        #expect(Set(alone.keys) == Set(beside.keys))
        #expect(try Self.inventory(directory.path) == before, "status changed the data directory")
    }

    @Test func runBesideAServerIsTheServersRun() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"], environment: ServerTests.offline)
        try directory.write("symbol,price_usd,timestamp\nA,1,2024-12-15\n", to: "inbox/a.csv")
        let first = try Self.kasparro("run", "--source", "csv", "--data-dir", directory.path)
        #expect(first.exitCode == 0 && first.standardOutput.contains("csv     success     1    1        0"), "\(first)")
        #expect(first.standardError.contains("csv: success, 1 record\n"), "\(first)")
        let second = try Self.object(Self.kasparro("run", "--source", "csv", "--json", "--data-dir", directory.path))
        let latest = try #require(ServerTests.array(server.get("/runs")).first)
        #expect(second["run_id"] as? String == latest["run_id"] as? String && second["request_id"] == nil)
        let failed = try Self.kasparro("run", "--data-dir", directory.path)
        #expect(failed.exitCode == 1 && failed.standardOutput.contains("error: coinpaprika"), "\(failed)")
        let unknown = try Self.kasparro("run", "--source", "cvs", "--data-dir", directory.path)
        #expect(unknown.exitCode == 2 && unknown.standardError.contains("Did you mean `csv`?"), "\(unknown)")
    }

    @Test func repairAndRestoreRefuseBesideAServer() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let before = try Self.inventory(directory.path)
        for arguments in [["repair"], ["repair", "--apply"], ["restore", "/nowhere"]] {
            let result = try Subprocess.run(BinaryUnderTest.required(), arguments + ["--data-dir", directory.path])
            #expect(result.exitCode == 75 && result.standardError.contains("pid \(server.pid)"), "\(arguments): \(result)")
        }
        #expect(try Self.inventory(directory.path) == before)
    }

    @Test func aSocketThatAKilledServerLeftBehindIsReplaced() throws {
        let directory = try TemporaryDirectory()
        let first = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        try first.kill9()
        var information = stat()
        #expect(lstat(directory.path + "/control.sock", &information) == 0, "nothing was left behind; the test tests nothing")
        let second = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let status = try Self.object(Self.kasparro("status", "--json", "--data-dir", directory.path))
        #expect((status["server"] as? [String: Any])?["pid"] as? Int == Int(second.pid), "\(status)")
    }

    @Test func aDirectoryTooDeepForASocketsAddressHasOneToo() throws {
        let directory = try TemporaryDirectory()
        let deep = directory.path + "/" + String(repeating: "d", count: 90) + "/" + String(repeating: "e", count: 90)
        let server = try ServerProcess(dataDirectory: deep, arguments: ["--no-schedule"])
        #expect(!server.errorOutputSoFar.contains("control socket"), "\(server.errorOutputSoFar)")
        let status = try Self.object(Self.kasparro("status", "--json", "--data-dir", deep))
        #expect((status["server"] as? [String: Any])?["pid"] as? Int == Int(server.pid), "\(status)")
    }

    @Test(arguments: [["status"], ["verify"], ["repair"], ["compact"], ["backup", "/nowhere/b"], ["quarantine"], ["quarantine", "purge", "--all"]])
    func aCommandForAStoreMakesNone(_ arguments: [String]) throws {
        let directory = try TemporaryDirectory()
        let result = try Subprocess.run(BinaryUnderTest.required(), arguments + ["--data-dir", directory.path + "/none"])
        #expect(result.exitCode == 1 && result.standardError.contains("--data-dir"), "\(result)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }
}
