import Foundation
import TestSupport
import Testing

/// Tokens as a user has them: files, commands, and what the server makes of them.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct TokenTests {
    private func kasparro(_ arguments: [String], environment: [String: String?] = [:]) throws -> Subprocess.Result {
        try Subprocess.run(BinaryUnderTest.required(), arguments, environment: environment)
    }

    private func status(_ server: ServerProcess, _ token: String) throws -> Int {
        try server.post("/refresh?source=csv", headers: ["Authorization": "Bearer \(token)"], authorized: false).status
    }

    private func line(_ result: Subprocess.Result) -> String { result.standardOutput.trimmingCharacters(in: .newlines) }

    @Test func aTokenIsShownReplacedAndMintedBesideTheServer() throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let old = line(try kasparro(["token", "show", "--data-dir", directory.path]))
        #expect(try old == server.token())
        #expect(try status(server, old) == 202)
        let rotated = try kasparro(["token", "rotate", "--data-dir", directory.path])
        let new = line(rotated)
        #expect(rotated.exitCode == 0 && new != old && rotated.standardError.contains(directory.path + "/token"), "\(rotated)")
        #expect(try status(server, new) == 202)
        let deadline = ContinuousClock.now + .seconds(5)
        var code = 202
        while code == 202, ContinuousClock.now < deadline { code = try status(server, old) }
        #expect(code == 401, "the old token is still good")
        let minted = try kasparro(["token", "mint", "--ttl", "5m", "--subject", "x", "--json", "--data-dir", directory.path])
        let object = try #require(JSONSerialization.jsonObject(with: Data(minted.standardOutput.utf8)) as? [String: Any], "\(minted)")
        #expect(try status(server, #require(object["token"] as? String)) == 202)
        for name in ["token", "jwt.key"] {
            let mode = try FileManager.default.attributesOfItem(atPath: directory.path + "/" + name)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(name)")
        }
    }

    @Test func aSecretThatOthersMayReadIsRefused() throws {
        let directory = try TemporaryDirectory()
        try directory.write("0123456789abcdef0123456789abcdef\n", to: "token")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: directory.path + "/token")
        let result = try kasparro(["serve", "--no-schedule", "--listen", "127.0.0.1:0", "--data-dir", directory.path])
        #expect(result.exitCode == 77 && result.standardError.contains("chmod 600 \(directory.path)/token"), "\(result)")
    }

    @Test func aShortKeyStopsTheStart() throws {
        let directory = try TemporaryDirectory()
        let result = try kasparro(
            ["serve", "--no-schedule", "--listen", "127.0.0.1:0", "--data-dir", directory.path],
            environment: ["KASPARRO_JWT_SECRET": "0123456789abcdef0123456789abcde"]
        )
        #expect(result.exitCode == 2 && result.standardError.contains("has 31 bytes; at least 32 are needed"), "\(result)")
        #expect(!result.standardError.contains("0123456789abcdef"))
    }

    @Test func everythingCanNeedTheToken() throws {
        let directory = try TemporaryDirectory()
        let secret = "the key of a test, 32 bytes long".replacing(" ", with: "_")
        let server = try ServerProcess(
            dataDirectory: directory.path,
            arguments: ["--no-schedule", "--auth", "all", "--jwt-audience", "prices"],
            environment: ["KASPARRO_JWT_SECRET": secret]
        )
        for path in ["/data", "/metrics", "/readyz", "/nothing"] { #expect(try server.get(path).status == 401, "\(path)") }
        #expect(try server.get("/livez").status == 200)
        #expect(try server.get("/data", headers: ["Authorization": "bearer \(server.token())"]).status == 200)
        for (audience, code) in [("prices", 200), ("kasparro", 401)] {
            let token = line(
                try kasparro(
                    ["token", "mint", "--jwt-audience", audience, "--data-dir", directory.path],
                    environment: ["KASPARRO_JWT_SECRET": secret]
                )
            )
            #expect(try server.get("/data", headers: ["Authorization": "Bearer \(token)"]).status == code, "\(audience)")
        }
        // Whoever may open the socket may do everything.
        #expect(try kasparro(["status", "--data-dir", directory.path]).exitCode == 0)
    }

    @Test func allThatMintAtOnceHaveOneKey() async throws {
        let directory = try TemporaryDirectory()
        let server = try ServerProcess(dataDirectory: directory.path, arguments: ["--no-schedule"])
        let path = directory.path
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<6 { group.addTask { line(try kasparro(["token", "mint", "--data-dir", path])) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for token in tokens { #expect(try status(server, token) == 202, "\(token)") }
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        #expect(!names.contains { $0.hasSuffix(".tmp") }, "\(names)")
    }

    @Test func theCommandSaysWhatIsMissing() throws {
        let directory = try TemporaryDirectory()
        let missing = try kasparro(["token", "show", "--token-file", "/nonexist"])
        #expect(missing.exitCode == 2 && missing.standardError.contains("kasparro token rotate --token-file /nonexist"), "\(missing)")
        let blank = try kasparro(["token", "show", "--data-dir", directory.path], environment: ["KASPARRO_TOKEN": "a b"])
        #expect(blank.exitCode == 2, "\(blank)")
        let none = try kasparro(["token", "show", "--data-dir", directory.path + "/none"])
        #expect(none.exitCode == 1 && none.standardError.contains("is no data directory"), "\(none)")
        let variable = try kasparro(["token", "rotate", "--data-dir", directory.path], environment: ["KASPARRO_TOKEN": "x"])
        #expect(variable.exitCode == 1 && variable.standardError.contains("KASPARRO_TOKEN"), "\(variable)")
        #expect(try kasparro(["token", "mint", "--ttl", "never", "--data-dir", directory.path]).exitCode == 2)
        let file = try kasparro(["token", "rotate", "--token-file", directory.path + "/mine"])
        let shown = try kasparro(["token", "--token-file", directory.path + "/mine"])
        #expect(file.exitCode == 0 && line(shown) == line(file), "\(file)")
    }
}
