import Foundation
import TestSupport
import Testing

/// Root beside a server that is another user. Only root can play both.
@Suite(.enabled(if: BinaryUnderTest.path != nil && geteuid() == 0, "needs root, and the binary in KASPARRO_BINARY"))
struct OwnerTests {
    private static let nobody: uid_t = 65_534

    @Test func rootWritesIntoNoStoreOfAnotherUser() throws {
        let directory = try TemporaryDirectory()
        let data = directory.path + "/data"
        try directory.write("symbol,price_usd,timestamp\nA,1,2024-12-15\n", to: "data/inbox/a.csv")
        #expect(try Subprocess.run(BinaryUnderTest.required(), ["run", "--source", "csv", "--data-dir", data]).exitCode == 0)
        #expect(chown(data + "/FORMAT", Self.nobody, Self.nobody) == 0)
        for command in [["run"], ["serve"], ["compact"], ["repair", "--apply"]] {
            let refused = try Subprocess.run(BinaryUnderTest.required(), command + ["--data-dir", data])
            #expect(refused.exitCode == 77 && refused.standardError.contains("sudo -u '#65534' kasparro"), "\(command): \(refused)")
        }
        #expect(try Subprocess.run(BinaryUnderTest.required(), ["verify", "--data-dir", data]).exitCode == 0)
    }

    @Test func aNewTokenBelongsToWhomTheOldOneBelonged() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        _ = try server.token()
        try server.terminate()
        #expect(chown(directory.path + "/token", Self.nobody, Self.nobody) == 0)
        let rotated = try Subprocess.run(BinaryUnderTest.required(), ["token", "rotate", "--data-dir", directory.path])
        #expect(rotated.exitCode == 0, "\(rotated)")
        var information = stat()
        #expect(stat(directory.path + "/token", &information) == 0)
        #expect(information.st_uid == Self.nobody && information.st_mode & 0o777 == 0o600, "\(information)")
    }
}
