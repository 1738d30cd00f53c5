import Foundation
import TestSupport
import Testing

/// The quarantine commands, beside a server and without one.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct QuarantineTests {
    /// A directory in which four of five records wait.
    static func filledDirectory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let lines = "symbol,price_usd,timestamp\nA,1,2024-12-15\nB,n/a,2024-12-15\nC,\u{1b}[31mred,2024-12-15\nD,2,never\nE,1,2,3,4\n"
        try directory.write(lines, to: "inbox/a.csv")
        _ = try ControlSocketTests.kasparro("run", "--source", "csv", "--data-dir", directory.path)
        return directory
    }

    static func list(_ directory: TemporaryDirectory) throws -> [[String: Any]] {
        let list = try ControlSocketTests.object(ControlSocketTests.kasparro("quarantine", "list", "--json", "--data-dir", directory.path))
        return try #require(list["records"] as? [[String: Any]])
    }

    @Test func whatWaitsIsShownTheSameWithAServerAndWithoutOne() throws {
        let directory = try Self.filledDirectory()
        let before = try ControlSocketTests.inventory(directory.path)
        let alone = try Self.list(directory)
        let id = try #require(alone.first { ($0["content"] as? String)?.contains("red") == true }?["id"] as? String)
        let shown = try ControlSocketTests.kasparro("quarantine", "show", String(id.prefix(10)), "--data-dir", directory.path)
        #expect(shown.exitCode == 0 && shown.standardOutput.contains("C,\\u{1b}[31mred"), "\(shown)")
        let raw = try ControlSocketTests.kasparro("quarantine", "show", id, "--raw", "--data-dir", directory.path)
        #expect(raw.standardOutput == "C,\u{1b}[31mred,2024-12-15", "\(raw)")
        #expect(try ControlSocketTests.kasparro("quarantine", "show", "xyz", "--data-dir", directory.path).exitCode == 2)
        #expect(try ControlSocketTests.inventory(directory.path) == before, "looking changed the data directory")

        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        #expect(try Self.list(directory) as NSArray == alone as NSArray)
        let beside = try ControlSocketTests.kasparro("quarantine", "show", String(id.prefix(10)), "--data-dir", directory.path)
        #expect(beside.standardOutput == shown.standardOutput)
        #expect(try ControlSocketTests.kasparro("quarantine", "show", "xyz", "--data-dir", directory.path).exitCode == 2)
        try server.terminate()
    }

    @Test func aPurgeTakesOutWhatItNames() throws {
        let directory = try Self.filledDirectory()
        let unnamed = try ControlSocketTests.kasparro("quarantine", "purge", "--data-dir", directory.path)
        #expect(unnamed.exitCode == 2 && unnamed.standardError.contains("--older-than"), "\(unnamed)")
        let young = try ControlSocketTests.kasparro("quarantine", "purge", "--older-than", "1h", "--data-dir", directory.path)
        #expect(young.exitCode == 0 && young.standardOutput.contains("nothing"), "\(young)")
        let ragged = try ControlSocketTests.kasparro("quarantine", "purge", "--reason", "ragged_row", "--data-dir", directory.path)
        #expect(ragged.standardOutput == "1 quarantined record purged\n", "\(ragged)")
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        #expect(try Self.list(directory).count == 3)
        let rest = try ControlSocketTests.object(
            ControlSocketTests.kasparro("quarantine", "purge", "--source", "csv", "--yes", "--json", "--data-dir", directory.path)
        )
        #expect(rest["purged"] as? Int == 3)
        try server.kill9()
        #expect(try Self.list(directory).isEmpty, "what was purged came back")
        let verified = try ControlSocketTests.kasparro("verify", "--deep", "--data-dir", directory.path)
        #expect(verified.exitCode == 0, "\(verified)")
    }
}
