import Foundation
import TestSupport
import Testing

/// The data directory as other programs see it, and the commands that look after it.
@Suite(.serialized, .enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct StoreTests {
    /// Rows of 40 symbols; `price` is the whole part of every price.
    static func history(_ rows: Range<Int>, price: Int) -> String {
        "symbol,price_usd,volume_24h,timestamp\n" + rows.map { "S\($0 % 40),\(price).\($0),\($0 * 7),\(1_600_000_000 + $0 / 40 * 60)\n" }.joined()
    }

    /// A directory into which two files were loaded, the second of which supersedes rows of the first.
    static func filledDirectory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write(history(0..<20_000, price: 1), to: "inbox/a.csv")
        try run(directory)
        try directory.write(history(5_000..<6_000, price: 2), to: "inbox/b.csv")
        try run(directory)
        return directory
    }

    static func run(_ directory: TemporaryDirectory) throws {
        let result = try ControlSocketTests.kasparro("run", "--data-dir", directory.path, "--source", "csv")
        #expect(result.exitCode == 0, "\(result.standardError)")
    }

    static func shell(_ script: String, _ directory: TemporaryDirectory) throws -> String {
        let result = try Subprocess.run("bash", ["-c", script, "bash", directory.path])
        #expect(result.exitCode == 0, "\(script): \(result.standardError)")
        return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// All rows by way of the API, in ascending order.
    static func rows(_ server: ServerProcess) throws -> [String] {
        var lines: [String] = []
        var path: String? = "/data?format=ndjson&sort_dir=asc&limit=1000"
        while let next = path {
            let answer = try server.get(next)
            lines += answer.text.split(separator: "\n").map(String.init)
            path = answer.header("X-Next-Cursor").map { "/data?format=ndjson&limit=1000&cursor=\($0)" }
        }
        return lines
    }

    static func member(_ name: String, ofStore server: ServerProcess) throws -> Int {
        let stats = try JSONSerialization.jsonObject(with: Data(server.get("/stats").body)) as? [String: Any]
        return ((stats?["store"] as? [String: Any])?[name] as? Int) ?? -1
    }

    @Test func zcatShowsEveryRowAndTheSupersededOnes() throws {
        let directory = try Self.filledDirectory()
        let lines = try Int(Self.shell("zcat \"$1\"/segments/tickers/*.jsonl.gz | jq -c . | wc -l", directory))
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let rows = try KillTests.normalized(server)
        #expect(rows == 20_000)
        #expect(try lines == rows + Self.member("superseded_rows", ofStore: server))
    }

    @Test func aReaderWrittenFromTheFormatDocumentAgreesWithTheAPI() throws {
        let directory = try Self.filledDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        try directory.write(Self.history(19_000..<21_000, price: 3), to: "inbox/c.csv")
        #expect(try server.post("/refresh?source=csv&wait=60").text.contains(#""status":"success""#))
        let served = try Self.rows(server)
        // Part of the rows may still be in the log, as a power cut would leave them.
        try server.kill9()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../read-data-directory.py")
            .standardizedFileURL.path
        let read = try Subprocess.run("python3", [script, directory.path])
        #expect(read.exitCode == 0, "\(read.standardError)")
        #expect(read.standardOutput.split(separator: "\n").map(String.init) == served, "\(served.count) rows are served")
        #expect(served.count == 21_000)
    }

    @Test func aHotBackupIsADataDirectory() throws {
        let directory = try Self.filledDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let copies = try TemporaryDirectory()
        let backup = try ControlSocketTests.kasparro("backup", copies.path + "/copy", "--data-dir", directory.path)
        #expect(backup.exitCode == 0, "\(backup.standardError)")
        let verified = try ControlSocketTests.kasparro("verify", "--deep", "--data-dir", copies.path + "/copy")
        #expect(verified.exitCode == 0, "\(verified.standardOutput)\(verified.standardError)")
        let restored = try ControlSocketTests.kasparro("restore", copies.path + "/copy", "--data-dir", copies.path + "/restored")
        #expect(restored.exitCode == 0, "\(restored.standardError)")
        let second = try ServerProcess(dataDirectory: copies.path + "/restored", arguments: ["--no-schedule"])
        #expect(try Self.rows(second) == Self.rows(server))
    }

    @Test func compactionDropsWhatIsSuperseded() throws {
        let directory = try Self.filledDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let before = try Self.rows(server)
        #expect(try Self.member("superseded_rows", ofStore: server) == 1_000)
        let compacted = try ControlSocketTests.kasparro("compact", "--data-dir", directory.path)
        #expect(compacted.exitCode == 0, "\(compacted.standardError)")
        #expect(try Self.member("superseded_rows", ofStore: server) == 0)
        #expect(try Self.rows(server) == before)
    }

    @Test func aFlippedByteIsFoundBesideTheServer() throws {
        let directory = try Self.filledDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        #expect(try ControlSocketTests.kasparro("verify", "--deep", "--data-dir", directory.path).exitCode == 0)
        let name = try Self.shell("ls \"$1\"/segments/tickers/*.jsonl.gz | head -n 1", directory)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: name))
        bytes[bytes.count / 2] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: name))
        let damaged = try ControlSocketTests.kasparro("verify", "--deep", "--data-dir", directory.path)
        #expect(damaged.exitCode == 65, "\(damaged.standardOutput)")
        #expect(damaged.standardOutput.contains("jsonl.gz"), "\(damaged.standardOutput)")
        try server.terminate()
    }
}
