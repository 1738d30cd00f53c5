import Foundation
import TestSupport
import Testing

/// What the binary writes to its log.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct LogTests {
    private static let secret = "s3cr3t/\"key\""

    /// One source whose server says its own key, in an answer that steers terminals.
    private static func start(_ upstream: ScriptedServer, in directory: TemporaryDirectory) throws -> ServerProcess {
        try directory.write(
            """
            { sources: { coinpaprika: { enabled: false }, coingecko: { enabled: false }, coins: { kind: "http", url: "\(upstream.url)/c",
              headers: { "X-Key": { env: "COINS_KEY" } }, quota: { per_minute: 100 }, fields: { symbol: "/s", price_usd: "/p", timestamp: "/t" } } } }
            """,
            to: "kasparro.conf"
        )
        return try ServerProcess(
            dataDirectory: directory.path + "/data",
            arguments: ["--no-schedule", "--config", directory.path + "/kasparro.conf", "--log-format", "json", "--access-log"],
            environment: ["COINS_KEY": secret]
        )
    }

    @Test func everyLineIsAnObjectThatNamesItsRunAndItsRequestAndNoSecret() throws {
        let body = "\u{1B}[31mno\r\n\u{202E}\(Self.secret)"
        let upstream = ScriptedServer(answers: [.answer("403 Forbidden", body: body)])
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        let server = try Self.start(upstream, in: directory)
        let token = try server.token()
        var runs: [String] = []
        for number in 0..<9 {
            let answer = try server.post("/refresh?source=coins&wait=30", headers: ["X-Request-ID": "ask-\(number)"])
            runs.append(try #require(answer.header("X-Run-ID")))
        }
        _ = try server.get("/data?token=\(token)")
        try server.terminate()

        let text = server.errorOutputSoFar
        #expect(!text.contains(token) && !text.contains("s3cr3t"), "\(text)")
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ![.control, .format].contains($0.properties.generalCategory) })
        let lines = try text.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }
        func logged(where key: String, _ value: String) -> [[String: Any]] { lines.filter { $0[key] as? String == value } }
        #expect(lines.allSatisfy { $0["time"] is String && $0["level"] is String && $0["message"] is String })
        #expect(logged(where: "message", "request answered").count == 10 && logged(where: "message", "run ended").count == 9)
        for (number, run) in runs.enumerated() {
            let asked = logged(where: "request_id", "ask-\(number)")
            #expect(asked.contains { $0["run_id"] as? String == run && $0["message"] as? String == "a request started a run" }, "\(asked)")
            #expect(logged(where: "run_id", run).contains { $0["message"] as? String == "run started" })
        }
        // Five of them, and then how many more there were.
        let complaints = logged(where: "source", "coins").filter {
            $0["level"] as? String == "warning" && ($0["message"] as? String)?.contains("403") == true
        }
        #expect(complaints.count == 6 && complaints.prefix(5).allSatisfy { $0["run_id"] != nil }, "\(complaints)")
        #expect(complaints.last?["left_out"] as? Int == 4 && complaints.last?["run_id"] == nil, "\(complaints)")
    }
}
