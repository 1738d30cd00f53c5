import Foundation
import TestSupport
import Testing

/// What people and machines do to a data directory, and what the commands then say.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct MishapTests {
    private static func kasparro(_ arguments: String...) throws -> Subprocess.Result {
        try Subprocess.run(BinaryUnderTest.required(), arguments)
    }

    private static func rows(_ count: Int) -> String {
        "symbol,price_usd,timestamp\n" + (0..<count).map { "S\($0 % 9),\($0 + 1).5,\(1_600_000_000 + $0 * 60)\n" }.joined()
    }

    @Test func aLockFileThatWasRemovedLetsNobodyIn() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path + "/var", arguments: ["--no-schedule"])
        try FileManager.default.removeItem(atPath: directory.path + "/var/LOCK")
        let row =
            #"{"symbol":"BTC","name":"B","price_usd":1,"volume_24h":null,"market_cap":null,"percent_change_24h":null,"#
            + #""timestamp":"2024-12-15T14:30:00Z","source":"csv","source_id":"btc"}"#
        try directory.write(row + "\n{\"_end\":true,\"rows\":1}\n", to: "one.ndjson")
        let imported = try Self.kasparro("import", directory.path + "/one.ndjson", "--data-dir", directory.path + "/var")
        #expect(imported.exitCode == 0, "\(imported)")
        #expect(try server.get("/data?format=ndjson").text.contains("BTC"), "the row is in a store that the server knows nothing of")
        let repair = try Self.kasparro("repair", "--data-dir", directory.path + "/var")
        #expect(repair.exitCode == 75 && repair.standardError.contains("pid \(server.pid)"), "\(repair)")
        #expect(try server.terminate().exitCode == 0)
        #expect(try Self.kasparro("verify", "--deep", "--data-dir", directory.path + "/var").exitCode == 0)
    }

    @Test func aCopyIsNotMadeInsideOfWhatItCopies() throws {
        let directory = try TemporaryDirectory()
        let data = directory.path + "/var"
        let server = try ServerProcess(dataDirectory: data, arguments: ["--no-schedule"])
        for isBesideServer in [true, false] {
            if !isBesideServer { #expect(try server.terminate().exitCode == 0) }
            for target in ["inbox/b", "segments/b"] {
                let backup = try Self.kasparro("backup", "\(data)/\(target)", "--include-inbox", "--data-dir", data)
                #expect(backup.exitCode == 73 && backup.standardError.contains("kasparro backup /"), "\(target): \(backup)")
                #expect(!FileManager.default.fileExists(atPath: "\(data)/\(target)"))
            }
            let export = try Self.kasparro("export", "--output", data + "/wal/x", "--data-dir", data)
            #expect(export.exitCode == 73 && export.standardError.contains("--output"), "\(export)")
            let missing = try Self.kasparro("backup", directory.path + "/bk/monday", "--data-dir", data)
            #expect(missing.exitCode == 73 && missing.standardError.contains("mkdir -p"), "\(missing)")
            #expect(!missing.standardError.contains("ReadWritePaths"), "\(missing)")
        }
    }

    @Test func whatARepairCouldNotSaveIsReadAgainFromTheInbox() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.rows(500), to: "inbox/a.csv")
        func run() throws -> Subprocess.Result { try Self.kasparro("run", "--source", "csv", "--data-dir", directory.path) }
        func count() throws -> Int {
            try Self.kasparro("export", "--data-dir", directory.path).standardOutput.split(separator: "\n").count { !$0.hasPrefix("{\"_end\"") }
        }
        #expect(try run().exitCode == 0 && count() == 500)
        let segment = directory.path + "/segments/tickers/00000001.jsonl.gz"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: segment))
        try bytes.prefix(bytes.count / 3).write(to: URL(fileURLWithPath: segment))
        let repair = try Self.kasparro("repair", "--apply", "--data-dir", directory.path)
        #expect(repair.exitCode == 65 && repair.standardOutput.contains("the next run reads them again"), "\(repair)")
        #expect(try count() < 500)
        #expect(try run().exitCode == 0 && count() == 500, "rows whose file is in the inbox did not come back")
    }

    @Test func theWholeLinesOfACutGzipFileCanBeTaken() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.rows(3_000), to: "a/inbox/a.csv")
        #expect(try Self.kasparro("run", "--source", "csv", "--data-dir", directory.path + "/a").exitCode == 0)
        let file = URL(fileURLWithPath: directory.path + "/all.ndjson.gz")
        #expect(try Self.kasparro("export", "--gzip", "--output", file.path, "--data-dir", directory.path + "/a").exitCode == 0)
        let bytes = try Data(contentsOf: file)
        try bytes.prefix(bytes.count * 3 / 4).write(to: file)
        let refused = try Self.kasparro("import", file.path, "--data-dir", directory.path + "/b")
        #expect(refused.exitCode == 65 && refused.standardError.contains("--allow-partial"), "\(refused)")
        let taken = try Self.kasparro("import", "--allow-partial", file.path, "--data-dir", directory.path + "/c")
        #expect(taken.exitCode == 0 && taken.standardError.contains("its whole lines are taken"), "\(taken)")
    }
}
