import Logging
import Synchronization
import TestSupport
import Testing
import TickerStore

@testable import Ingest

/// Real runs over a server that fails, and mail at a real mail server.
@Suite(.timeLimit(.minutes(10))) struct AlertsInRunsTests {
    /// Runs of one source, `coins`, and the alerts on them.
    final class AlertBench {
        let upstream = ScriptedServer()
        let workbench: Workbench
        let logged = BlockingQueue<String>()
        private let current = Current()
        private var alerts: AlertConfiguration
        /// How long a delivery may take.
        private let timeout: Duration

        private final class Current: Sendable {
            let service = Mutex<AlertService?>(nil)
        }

        init(_ variables: [String: String], timeout: Duration = .seconds(60)) throws {
            self.timeout = timeout
            alerts = try Self.configuration(variables)
            let url = plainHTTP.replacing("https://api.example.test", with: upstream.url) + ", quota: { per_minute: 100 }"
            let catalog = try catalog("{ sources: { coins: { \(url) } } }")
            workbench = try Workbench(sources: catalog.sources.filter { $0.name == "coins" })
            workbench.environment.secrets = alerts.secrets
            workbench.environment.logger = Logger(label: "test") { [logged] _ in CapturingHandler { logged.pushUrgent($0) } }
            workbench.environment.runEnded = { [current] run in current.service.withLock { $0 }?.runEnded(run) }
            try restart()
        }

        deinit {
            stop()
            upstream.stop()
        }

        /// Ends the alerts; what has not been tried is dropped, or tried once.
        func stop(dropping: Bool = false) { current.service.withLock { $0 }?.stop(waitingAtMost: dropping ? nil : 120_000) }

        private static func configuration(_ variables: [String: String]) throws -> AlertConfiguration {
            let alerts = try AlertConfigurationTests.configuration(variables, file: "{ alerts: { ca_file: '\(TLSServer.file("authority.pem"))' } }")
            try #require(alerts.variableProblems.isEmpty && alerts.problems.isEmpty)
            return alerts
        }

        /// As a new process would find things.
        ///
        /// - Parameter variables: Where its alerts go; nil: as before.
        func restart(_ variables: [String: String]? = nil) throws {
            stop()
            if let variables { alerts = try Self.configuration(variables) }
            try workbench.restart()
            var settings = alerts.settings
            settings.timeout = timeout
            let service = AlertService(
                settings: settings,
                store: workbench.store,
                sources: ["coins"],
                context: AlertContext(host: "box", options: "--data-dir var", userAgent: "test"),
                environment: workbench.environment
            )
            service.start()
            current.service.withLock { $0 = service }
        }

        var status: AlertStatus? { current.service.withLock { $0 }?.status }

        func fail(_ times: Int = 1) async throws {
            upstream.play(all: [.answer("403 Forbidden", type: "text/plain", body: "the plan has ended")])
            for _ in 0..<times { #expect(try await workbench.run().status == .failed) }
        }

        func succeed() async throws {
            upstream.play(all: [.answer(body: #"[{"s":"btc","p":1.50,"t":"2025-12-31T00:00:00Z"}]"#)])
            #expect(try await workbench.run().status == .success)
        }

        /// The log up to the line with this text, that line included.
        func log(until text: String) -> [String] {
            var lines: [String] = []
            while !lines.contains(where: { $0.contains(text) }), let more = logged.popAll(waitingAtMost: 120_000), !more.isEmpty { lines += more }
            return lines
        }
    }

    static func mail(_ port: Int, password: String = SMTPServer.password) -> [String: String] {
        [
            "ALERT_EMAIL_TO": "ops@example.test", "ALERT_EMAIL_USER": SMTPServer.user, "ALERT_EMAIL_PASS": password,
            "ALERT_SMTP_URL": "smtp://127.0.0.1:\(port)",
        ]
    }

    @Test func aMailWithTheCauseComesAfterTheThirdFailureAndOneOnRecovery() async throws {
        let server = try SMTPServer()
        let bench = try AlertBench(Self.mail(server.port))
        try await bench.fail(4)
        let first = try #require(server.wait(for: 1).first)
        #expect(first.header("Subject") == "kasparro on box: coins failed 3 times in a row")
        #expect(first.content.contains("the plan has ended") && first.content.contains("403") && first.to == ["ops@example.test"], "\(first.content)")
        try await bench.succeed()
        try await bench.succeed()
        let second = try server.wait(for: 2)[1]
        #expect(second.header("Subject")?.hasPrefix("kasparro on box: coins loads again after ") == true, "\(second.content)")
        #expect(second.header("References") == first.header("Message-ID"))
        bench.stop()
        #expect(server.mails.count == 2, "\(server.mails.map { $0.header("Subject") ?? "" })")
    }

    @Test func aRestartRepeatsNothingAndForgetsNothing() async throws {
        let server = try SMTPServer()
        let bench = try AlertBench(Self.mail(server.port))
        try await bench.fail(2)
        try bench.restart()
        try await bench.fail()
        #expect(try server.wait(for: 1).count == 1)
        _ = bench.log(until: "alert sent")
        try bench.restart()
        try await bench.fail(3)
        try bench.restart()
        try await bench.succeed()
        let mails = try server.wait(for: 2)
        #expect(mails.map { $0.header("Subject")?.contains("again") } == [false, true], "\(mails)")
    }

    @Test func anAlertThatDidNotGoOutGoesOutAfterARestart() async throws {
        let bench = try AlertBench(Self.mail(ScriptedServer.closedPort()))
        try await bench.fail(3)
        let line = bench.log(until: "did not go out").last ?? ""
        #expect(line.contains("tried again in 30 s") && line.contains("refused"), "\(line)")
        let server = try SMTPServer()
        try bench.restart(Self.mail(server.port))
        #expect(try server.wait(for: 1).first?.header("Subject") == "kasparro on box: coins failed 3 times in a row")
    }

    @Test func aWrongPasswordIsLoggedWithoutThePassword() async throws {
        let server = try SMTPServer()
        let bench = try AlertBench(Self.mail(server.port, password: "wr0ng-password"))
        try await bench.fail(3)
        let log = bench.log(until: "did not go out").joined(separator: "\n")
        #expect(log.contains("refused user or password") && log.contains("535"), "\(log)")
        #expect(!log.contains("wr0ng") && server.mails.isEmpty, "\(log)")
        let status = try #require(bench.status)
        #expect(status.state == .failing && status.firing.map(\.summary) == ["coins failed 3 times in a row"], "\(status)")
        #expect(status.channels.first?.lastError?.contains("535") == true && status.firing.first?.delivered == [], "\(status)")
    }

    @Test func aMailServerThatHangsHoldsUpNeitherRunsNorTheStop() async throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        // Whatever waited for the mail would run into the time limit of the suite.
        let bench = try AlertBench(Self.mail(server.port), timeout: .seconds(3_600))
        try await bench.fail(5)
        try await bench.succeed()
        bench.stop(dropping: true)
        let log = bench.log(until: "success")
        #expect(log.count { $0.hasPrefix("run ended") } == 6 && !log.contains { $0.contains("alert") }, "\(log)")
    }

    @Test func aWebhookGetsJSONAndAHeartbeatEverySuccess() async throws {
        let hook = ScriptedServer([.send(Array("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".utf8))])
        let heart = ScriptedServer(answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")
        defer {
            hook.stop()
            heart.stop()
        }
        let bench = try AlertBench(["ALERT_WEBHOOK_URL": hook.url + "/services/token-of-the-hook", "ALERT_HEARTBEAT_URL": heart.url + "/beat"])
        try await bench.fail(3)
        let log = bench.log(until: "alert sent").joined(separator: "\n")
        #expect(hook.requests.first?.hasPrefix("POST /services/token-of-the-hook HTTP/1.1\r\n") == true, "\(hook.requests)")
        #expect(hook.requests.first?.contains("Content-Type: application/json\r\n") == true && !log.contains("token-of"), "\(hook.requests) \(log)")
        #expect(heart.requests.isEmpty)
        let sent = bench.status?.channels.map { $0.lastSent != nil && !$0.isFailing }
        #expect(sent == [true, false], "\(sent ?? [])")
        try await bench.succeed()
        _ = bench.log(until: "alert sent")
        #expect(hook.requests.count == 2 && heart.requests.count == 1 && heart.requests[0].hasPrefix("GET /beat HTTP/1.1\r\n"), "\(heart.requests)")
    }

    @Test(arguments: ["404 Not Found", "302 Found"])
    func aWebhookThatDoesNotTakeItIsTriedAgain(status: String) async throws {
        let answer = "HTTP/1.1 \(status)\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 9\r\nConnection: close\r\n\r\nno \u{7}token"
        let hook = ScriptedServer(answer: answer)
        defer { hook.stop() }
        let bench = try AlertBench(["ALERT_WEBHOOK_URL": hook.url + "/services/token-of-the-hook"])
        try await bench.fail(3)
        let line = bench.log(until: "did not go out").last ?? ""
        #expect(line.contains("tried again in 30 s") && !line.contains("token-of") && hook.requests.count == 1, "\(line)")
    }
}
