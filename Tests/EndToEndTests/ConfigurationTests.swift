import Foundation
import TestSupport
import Testing

/// The configuration file as a user meets it.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct ConfigurationTests {
    static func run(_ arguments: [String], environment: [String: String?] = [:]) throws -> Subprocess.Result {
        try Subprocess.run(BinaryUnderTest.required(), arguments, environment: environment)
    }

    @Test func aWrongFileStartsNothingAndNamesEveryMistake() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{\n lissten: 1,\n sources: { csv: { quta: 1 } },\n}", to: "bad.conf")
        let path = directory.path + "/bad.conf"
        for command in ["check", "serve", "run"] {
            let result = try Self.run([command, "--config", path, "--data-dir", directory.path + "/data"])
            let text = result.standardOutput + result.standardError
            #expect(result.exitCode == 78, "\(command): \(text)")
            #expect(text.contains("\(path):2:11: /lissten: unknown key; did you mean listen?"), "\(command): \(text)")
            #expect(text.contains("\(path):3:26: /sources/csv/quta: "), "\(command): \(text)")
        }
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/data"), "a wrong configuration made a data directory")
        #expect(try Self.run(["check", "--config", directory.path + "/none"]).exitCode == 78)
        let json = try Self.run(["check", "--json", "--config", path])
        let object = try #require(JSONSerialization.jsonObject(with: Data(json.standardOutput.utf8)) as? [String: Any], "\(json.standardOutput)")
        #expect(object["valid"] as? Bool == false && (object["problems"] as? [Any])?.count == 2)
    }

    @Test func whatServeRefusesOfSecretsCheckRefusesToo() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{ token_file: 'token.txt' }", to: "a.conf")
        let arguments = ["--config", directory.path + "/a.conf", "--data-dir", directory.path + "/data"]
        for command in ["check", "serve"] {
            let result = try Self.run([command] + arguments)
            let text = result.standardOutput + result.standardError
            #expect(result.exitCode == 78 && text.contains("/token_file: there is no token in \(directory.path)/token.txt"), "\(command): \(result)")
        }
        try directory.write("two words", to: "token.txt")
        #expect(try Self.run(["check"] + arguments).exitCode == 78)
        try directory.write("aTokenOfOneWordThatIsLongEnough0123456789", to: "token.txt")
        chmod(directory.path + "/token.txt", 0o644)
        let open = try Self.run(["check"] + arguments)
        #expect(open.exitCode == 78 && open.standardOutput.contains("chmod 600"), "\(open)")
        chmod(directory.path + "/token.txt", 0o600)
        let good = try Self.run(["check"] + arguments)
        #expect(good.exitCode == 0, "\(good)")
        try directory.write("short", to: "data/jwt.key")
        chmod(directory.path + "/data/jwt.key", 0o600)
        let key = try Self.run(["check"] + arguments)
        #expect(key.exitCode == 1 && key.standardError.contains("at least 32 are needed"), "\(key)")
        #expect(try Self.run(["check"]).standardOutput.contains("none was looked at"))
    }

    @Test func theBuiltInConfigurationIsAGoodFile() throws {
        let directory = try TemporaryDirectory()
        let printed = try Self.run(["config", "--default"])
        try directory.write(printed.standardOutput, to: "default.conf")
        let result = try Self.run(["check", "--config", directory.path + "/default.conf"])
        #expect(result.exitCode == 0 && result.standardOutput.contains("good, 3 sources"), "\(result)")
    }

    @Test func optionsWinOverVariablesAndThoseOverTheFile() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{ log_level: 'error', retain_raw: '1d', data_dir: 'data' }", to: "a.conf")
        let result = try Self.run(
            ["config", "--effective", "--json", "--log-level", "debug"],
            environment: ["KASPARRO_CONFIG": directory.path + "/a.conf", "KASPARRO_RETAIN_RAW": "2d", "KASPARRO_LOG_LEVEL": "trace"]
        )
        let text = result.standardOutput
        #expect(text.contains(#"{"name":"log_level","value":"debug","origin":"option --log-level"}"#), "\(result)")
        #expect(text.contains(#"{"name":"retain_raw","value":"2d","origin":"environment KASPARRO_RETAIN_RAW"}"#), "\(result)")
        #expect(text.contains("\"\(directory.path)/data\",\"origin\":\"\(directory.path)/a.conf:1\""), "\(result)")
    }

    @Test func aNumberIsOneInJSONAndTextsHaveNoQuotesForPeople() throws {
        let directory = try TemporaryDirectory()
        try directory.write("{ max_connections: 2048, log_level: 'error' }", to: "a.conf")
        let arguments = ["config", "--effective", "--config", directory.path + "/a.conf"]
        let json = try Self.run(arguments + ["--json"]).standardOutput
        #expect(json.contains(#"{"name":"max_connections","value":2048,"#) && json.contains(#"{"name":"log_level","value":"error","#), "\(json)")
        let typed = try Self.run(arguments + ["--json", "--max-connections", "0512"]).standardOutput
        #expect(typed.contains(#"{"name":"max_connections","value":512,"#), "\(typed)")
        let lines = try Self.run(arguments).standardOutput.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("log_level ") && $0.contains(" error  (") }, "\(lines)")
    }

    @Test func aKeyIsSentAndIsNowhereElse() throws {
        let key = "sk-live-0123456789"
        let body = "no such key: \(key)"
        let upstream = ScriptedServer(
            answer: "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        )
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            { sources: { coinpaprika: { enabled: false }, coingecko: { enabled: false }, own: { kind: "http", url: "\(upstream.url)/v1",
                query: { k: { env: "OWN_KEY" } }, headers: { Authorization: { prefix: "Bearer ", env: "OWN_KEY" } },
                fields: { symbol: "/s", price_usd: "/p", timestamp: "/t" } } } }
            """,
            to: "own.conf"
        )
        let arguments = ["--config", directory.path + "/own.conf"]
        let environment = ["OWN_KEY": key]
        let server = try ServerProcess(
            dataDirectory: directory.path + "/data",
            arguments: arguments + ["--no-schedule", "--log-level", "trace"],
            environment: environment
        )
        let refresh = try server.post("/refresh?source=own&wait=30").text
        #expect(upstream.requests.first?.contains("Authorization: Bearer \(key)") == true, "\(upstream.requests) \(refresh)")
        var seen = ["refresh": refresh, "output": server.outputSoFar]
        for path in ["/runs", "/stats", "/metrics", "/health"] { seen[path] = try server.get(path).text }
        seen["log"] = try server.terminate().standardError
        #expect(seen["log"]?.contains("401") == true && seen["/runs"]?.contains("***") == true, "\(seen)")
        for arguments in [["config", "--effective"] + arguments, ["check"] + arguments] {
            seen[arguments[0]] = try Self.run(arguments, environment: environment).standardOutput
        }
        for (place, text) in seen { #expect(!text.contains(key) && !text.isEmpty, "\(place): \(text)") }
        let missing = try Self.run(["check"] + arguments, environment: ["OWN_KEY": nil])
        #expect(missing.exitCode == 78 && missing.standardOutput.contains("OWN_KEY is not set"), "\(missing)")
    }
}
