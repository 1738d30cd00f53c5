import Foundation
import TestSupport
import Testing

/// Alerts of the binary, at a real mail server.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct AlertTests {
    /// One source that always fails, and the authority of the mail server.
    static func configuration(_ directory: TemporaryDirectory, upstream: String) throws -> String {
        try directory.write(
            """
            {
                alerts: { ca_file: "\(TLSServer.file("authority.pem"))" },
                sources: {
                    coinpaprika: { enabled: false },
                    coingecko: { enabled: false },
                    coins: {
                        kind: "http",
                        url: "\(upstream)/coins",
                        quota: { per_minute: 100 },
                        fields: { symbol: "/s", price_usd: "/p", timestamp: "/t" },
                    },
                },
            }
            """,
            to: "kasparro.conf"
        )
        return directory.path + "/kasparro.conf"
    }

    static func environment(_ port: Int, password: String = SMTPServer.password) -> [String: String?] {
        [
            "ALERT_EMAIL_TO": "ops@example.test", "ALERT_EMAIL_USER": SMTPServer.user, "ALERT_EMAIL_PASS": password,
            "ALERT_SMTP_URL": "smtp://127.0.0.1:\(port)",
        ]
    }

    @Test func aMailSaysWhyASourceFailsAndAnotherThatItIsBack() throws {
        let mail = try SMTPServer()
        let upstream = ScriptedServer(answers: [.answer("403 Forbidden", body: "the plan has ended")])
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        let file = try Self.configuration(directory, upstream: upstream.url)
        let arguments = ["--no-schedule", "--config", file]
        let data = directory.path + "/data"
        let server = try ServerProcess(dataDirectory: data, arguments: arguments, environment: Self.environment(mail.port))
        #expect(server.outputSoFar.contains("alerts   e-mail to ops@example.test by 127.0.0.1:\(mail.port)"), "\(server.outputSoFar)")
        #expect(try server.get("/metrics").text.contains(#"kasparro_alerts_sent_total{channel="email",outcome="ok"} 0"#))
        for _ in 0..<3 { _ = try server.post("/refresh?source=coins&wait=30") }
        let first = try #require(mail.wait(for: 1).first)
        #expect(first.content.contains("the plan has ended") && first.content.contains("kasparro preview coins --data-dir"), "\(first.content)")
        let status = try Subprocess.run(BinaryUnderTest.required(), ["status", "--data-dir", data])
        let shown = status.standardOutput
        #expect(shown.contains("1 firing; people are told by email") && shown.contains("coins failed 3 times in a row, since"), "\(status)")
        upstream.play(all: [.answer(body: #"[{"s":"btc","p":1.50,"t":"2025-12-31T00:00:00Z"}]"#)])
        _ = try server.post("/refresh?source=coins&wait=30")
        #expect(try mail.wait(for: 2)[1].header("Subject")?.contains("coins loads again") == true)
        try server.terminate()
        #expect(mail.mails.count == 2)
        #expect(!server.errorOutputSoFar.contains(SMTPServer.password))
    }

    @Test func aMailServerThatHangsDoesNotHoldUpTheStop() throws {
        let (mail, upstream) = (ScriptedServer([.hang]), ScriptedServer(answers: [.answer("403 Forbidden")]))
        defer {
            mail.stop()
            upstream.stop()
        }
        let directory = try TemporaryDirectory()
        let arguments = ["--no-schedule", "--config", try Self.configuration(directory, upstream: upstream.url)]
        let server = try ServerProcess(dataDirectory: directory.path + "/data", arguments: arguments, environment: Self.environment(mail.port))
        for _ in 0..<3 { _ = try server.post("/refresh?source=coins&wait=30") }
        let end = try server.terminate(timeout: .seconds(15))
        #expect(end.exitCode == 0, "\(end)")
    }

    @Test func aTestMessageShowsWhetherMailArrives() throws {
        let mail = try SMTPServer()
        let directory = try TemporaryDirectory()
        let arguments = ["check", "--send-alert", "--config", try Self.configuration(directory, upstream: "http://127.0.0.1:9")]
        let good = try ConfigurationTests.run(arguments, environment: Self.environment(mail.port))
        #expect(good.exitCode == 0 && good.standardOutput.contains("email: a test message was sent"), "\(good)")
        #expect(try mail.wait(for: 1).first?.content.contains("nothing is wrong") == true)
        let wrong = try ConfigurationTests.run(arguments, environment: Self.environment(mail.port, password: "wr0ng-password"))
        #expect(wrong.exitCode == 1 && wrong.standardOutput.contains("refused user or password"), "\(wrong)")
        #expect(!(wrong.standardOutput + wrong.standardError).contains("wr0ng"))
    }

    @Test func halfASettingStartsNothing() throws {
        let directory = try TemporaryDirectory()
        for command in ["check", "serve", "run"] {
            let arguments = [command] + (command == "check" ? [] : ["--data-dir", directory.path + "/data"])
            let result = try ConfigurationTests.run(arguments, environment: ["ALERT_EMAIL_TO": "ops@example.test"])
            #expect(result.exitCode == 2 && result.standardError.contains("set ALERT_EMAIL_USER"), "\(command): \(result)")
        }
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/data"))
    }
}
