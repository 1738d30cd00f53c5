import Foundation
import TestSupport
import Testing

/// Rows out of a store and back into one, with the program as users have it.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct ExportImportTests {
    private static let header = "symbol,name,price_usd,volume_24h,market_cap,percent_change_24h,timestamp,source_id\n"
    /// Names and numbers that a careless program changes on the way.
    private static let table =
        header + #"""
            BTC,Bitcoin,45000.50,1000000000,,-2.50,2024-12-15T14:30:00Z,btc
            ETH,"Ether ""The, Second""",0.000000001230,,1.0,0.00,2024-12-15T14:30:00.120Z,eth
            Ünï,Ünïcödé 🪙 日本,1,,,,2024-12-15T14:30:01Z,=uni
            NAX,N A,2,0,0,,2024-12-15T14:30:02Z,-x
            EVIL,=cmd|' /C calc'!A0,3,,,100,2024-12-15T14:30:03Z,@evil
            APOS,'=1,4,,,100,2024-12-15T14:30:03Z,''+a

            """#

    private static func kasparro(_ arguments: String...) throws -> Subprocess.Result {
        try Subprocess.run(BinaryUnderTest.required(), arguments)
    }

    private static func storeWithRows(_ directory: TemporaryDirectory, more: Int = 0) throws -> String {
        var text = table
        for number in 0..<more {
            text += "C\(number % 50),Coin,\(number).5,,,,2024-12-14T00:00:00.\(String(number % 1_000 + 1_000).dropFirst())Z,c\(number)\n"
        }
        try directory.write(text, to: "a/inbox/rows.csv")
        let run = try kasparro("run", "--source", "csv", "--data-dir", directory.path + "/a")
        #expect(run.exitCode == 0, "\(run)")
        return directory.path + "/a"
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("{\"_end\"") }.sorted()
    }

    @Test(arguments: [
        ["--format", "ndjson"], ["--format", "csv"], ["--format", "csv", "--raw"], ["--format", "ndjson", "--gzip"], ["--format", "csv", "--gzip"],
    ])
    func whatIsExportedAndImportedIsByteForByteTheSame(_ how: [String]) throws {
        let directory = try TemporaryDirectory()
        let store = try Self.storeWithRows(directory, more: 2_500)
        let before = try Self.kasparro("export", "--data-dir", store)
        #expect(before.exitCode == 0 && before.standardOutput.hasSuffix("{\"_end\":true,\"rows\":2506}\n"), "\(before.standardError)")
        let file = directory.path + "/out"
        let export = try Subprocess.run(BinaryUnderTest.required(), ["export", "--data-dir", store, "--output", file] + how)
        #expect(export.exitCode == 0, "\(export)")
        let new = directory.path + "/new"
        let reading = how.filter { $0 == "--raw" }
        let imported = try Subprocess.run(BinaryUnderTest.required(), ["import", file, "--data-dir", new, "--json"] + reading)
        #expect(imported.exitCode == 0 && imported.standardOutput.contains("\"inserted\":2506"), "\(imported)")
        let after = try Self.kasparro("export", "--data-dir", new)
        #expect(Self.lines(after.standardOutput) == Self.lines(before.standardOutput))
        let again = try Subprocess.run(BinaryUnderTest.required(), ["import", file, "--data-dir", new, "--json"] + reading)
        #expect(again.exitCode == 0 && again.standardOutput.contains("\"inserted\":0,\"updated\":0,\"skipped\":2506"), "\(again)")
        #expect(try Self.kasparro("verify", "--deep", "--data-dir", new).exitCode == 0)
    }

    @Test func besideAServerTheSameCommandsDoTheSame() throws {
        let directory = try TemporaryDirectory()
        let store = try Self.storeWithRows(directory, more: 2_500)
        let alone = try Self.kasparro("export", "--data-dir", store, "--sort-dir", "asc")
        let query = ["query", "--data-dir", store, "--symbol", "btc,eth", "--format", "table"]
        let table = try Subprocess.run(BinaryUnderTest.required(), query)
        #expect(table.standardOutput.contains("0.000000001230") && table.standardOutput.contains("45000.50"), "\(table)")
        let server = try ServerProcess(dataDirectory: store, arguments: ["--no-schedule"])
        #expect(try Self.kasparro("export", "--data-dir", store, "--sort-dir", "asc").standardOutput == alone.standardOutput)
        #expect(try Subprocess.run(BinaryUnderTest.required(), query).standardOutput == table.standardOutput)
        #expect(try server.get("/data/export?sort_dir=asc").text == alone.standardOutput)

        let second = try ServerProcess(dataDirectory: directory.path + "/b", arguments: ["--no-schedule"])
        try directory.write(alone.standardOutput, to: "all.ndjson")
        let imported = try Self.kasparro("import", directory.path + "/all.ndjson", "--data-dir", directory.path + "/b")
        #expect(imported.exitCode == 0 && imported.standardOutput.hasPrefix("2506 rows: 2506 inserted"), "\(imported)")
        #expect(try second.get("/data/export?sort_dir=asc").text == alone.standardOutput)
        try second.kill9()
        // What was answered is durable.
        #expect(try Self.kasparro("export", "--data-dir", directory.path + "/b", "--sort-dir", "asc").standardOutput == alone.standardOutput)
        #expect(try server.terminate().exitCode == 0)
    }

    @Test func aCutOrDamagedExportIsToldAndWhatCameIsKept() throws {
        let directory = try TemporaryDirectory()
        let store = try Self.storeWithRows(directory)
        let export = try Self.kasparro("export", "--data-dir", store).standardOutput
        let rows = export.split(separator: "\n").dropLast()
        let new = directory.path + "/new"
        try directory.write(rows.joined(separator: "\n") + "\n", to: "cut")
        let cut = try Self.kasparro("import", directory.path + "/cut", "--data-dir", new)
        #expect(cut.exitCode == 65 && cut.standardError.contains("cut") && cut.standardError.contains("6 rows before it are stored"), "\(cut)")
        let partial = try Self.kasparro("import", directory.path + "/cut", "--data-dir", new, "--allow-partial")
        #expect(partial.exitCode == 0 && partial.standardOutput.contains("0 inserted, 6 skipped"), "\(partial)")
        try directory.write(String(rows.joined(separator: "\n").dropLast(20)), to: "inside")
        let inside = try Self.kasparro("import", directory.path + "/inside", "--data-dir", new, "--allow-partial")
        #expect(inside.exitCode == 0 && inside.standardOutput.contains("0 inserted, 5 skipped"), "\(inside)")
        #expect(inside.standardError.contains("line 6 has no end"), "\(inside)")
        try directory.write(rows.prefix(2).joined(separator: "\n") + "\n{\"symbol\":\"X\"}\n", to: "bad")
        let bad = try Self.kasparro("import", directory.path + "/bad", "--data-dir", directory.path + "/other")
        #expect(bad.exitCode == 65 && bad.standardError.contains("bad: line 3: no row: missing_price"), "\(bad)")
        #expect(bad.standardError.contains("2 rows before it are stored"), "\(bad)")
    }

    @Test func whatCannotBeReadLeavesNoStoreBehind() throws {
        let directory = try TemporaryDirectory()
        let new = directory.path + "/new"
        for file in [directory.path + "/nope", directory.path] {
            #expect(try Self.kasparro("import", file, "--data-dir", new).exitCode == 1)
            #expect(!FileManager.default.fileExists(atPath: new), "\(file)")
        }
        try directory.write("", to: "empty")
        let empty = try Self.kasparro("import", directory.path + "/empty", "--data-dir", new)
        #expect(empty.exitCode == 65 && empty.standardError.contains("nothing in it"), "\(empty)")
        try directory.write("a,b\n1,2\n", to: "other.csv")
        let other = try Self.kasparro("import", directory.path + "/other.csv", "--data-dir", new)
        #expect(other.exitCode == 65 && other.standardError.contains("not the header of an export"), "\(other)")
        #expect(!FileManager.default.fileExists(atPath: new))
    }

    @Test func anExportIntoADeviceLeavesTheDevice() throws {
        let directory = try TemporaryDirectory()
        let store = try Self.storeWithRows(directory)
        #expect(mkfifo(directory.path + "/pipe", 0o600) == 0)
        // Open for both, so that nobody waits for the other end; the rows fit into it.
        let pipe = open(directory.path + "/pipe", O_RDWR)
        defer { close(pipe) }
        let export = try Self.kasparro("export", "--data-dir", store, "--output", directory.path + "/pipe")
        #expect(export.exitCode == 0, "\(export)")
        var information = stat()
        #expect(stat(directory.path + "/pipe", &information) == 0 && information.st_mode & S_IFMT == S_IFIFO, "the pipe was replaced")
    }

    @Test func thePageBehindIsFoundByTheCommandThatIsPrinted() throws {
        let directory = try TemporaryDirectory()
        let store = try Self.storeWithRows(directory)
        let first = try Self.kasparro("query", "--data-dir", store, "--limit", "4", "--format", "table")
        #expect(first.standardError.contains("kasparro query --data-dir \(store) --limit 4 --format table --cursor "), "\(first)")
        let words = first.standardError.split(separator: " ").suffix(9).map { $0.trimmingCharacters(in: .newlines) }
        let second = try Subprocess.run(BinaryUnderTest.required(), Array(words))
        #expect(second.exitCode == 0 && second.standardOutput.split(separator: "\n").count == 3, "\(second)")
    }

    @Test(arguments: ["export", "query --limit 1000"])
    func aReaderThatHasEnoughIsNoFailure(_ command: String) throws {
        let directory = try TemporaryDirectory()
        let store = try Self.storeWithRows(directory, more: 2_500)
        let script = "{ \"$0\" \(command) --data-dir \"$1\"; echo exit $? >&2; } | head -n 1"
        let result = try Subprocess.run("/bin/sh", ["-c", script, BinaryUnderTest.required(), store])
        #expect(result.standardError == "exit 0\n" && result.standardOutput.hasPrefix("{"), "\(result)")
    }

    @Test func mistakesHaveTheExitCodesOfTheManual() throws {
        let directory = try TemporaryDirectory()
        #expect(try Self.kasparro("export", "--data-dir", directory.path + "/none").exitCode == 1)
        let store = try Self.storeWithRows(directory)
        let limit = try Self.kasparro("query", "--data-dir", store, "--limit", "5000")
        #expect(limit.exitCode == 2 && limit.standardError.contains("limit"), "\(limit)")
        #expect(try Self.kasparro("export", "--data-dir", store, "--raw").exitCode == 2)
        #expect(try Self.kasparro("export", "--data-dir", store, "--output", "/none/out").exitCode == 73)
        #expect(try Self.kasparro("query", "--data-dir", store, "--symbol", "NONE", "--format", "table").standardOutput == "no rows\n")
    }
}
