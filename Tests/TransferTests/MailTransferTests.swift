import TestSupport
import Testing

@testable import Transfer

/// Mail goes to a real server, encrypted, or not at all.
@Suite struct MailTransferTests {
    static let authority = TLSServer.file("authority.pem")

    static func request(_ url: String, password: String? = SMTPServer.password, authority: String? = authority) throws -> MailRequest {
        MailRequest(
            server: try MailServer(url: url),
            login: password.map { .init(user: SMTPServer.user, password: $0) },
            sender: "kasparro@example.test",
            recipients: ["ops@example.test", "night@example.test"],
            message: Array("Subject: test\r\n\r\nfirst\r\n.\r\n..second\r\n".utf8),
            certificateFile: authority
        )
    }

    @discardableResult static func send(_ request: MailRequest) throws(MailError) -> [String] {
        try MailTransfer.send(request, cancellation: CancellationFlag())
    }

    /// The error of a mail that must fail.
    static func failure(_ request: MailRequest) -> MailError? {
        do throws(MailError) {
            try send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [(SMTPServer.Mode.starttls, "smtp"), (.tls, "smtps"), (.closing, "smtp")])
    func aMailArrivesWholeEncryptedAndForAll(mode: SMTPServer.Mode, scheme: String) throws {
        let server = try SMTPServer(mode)
        var request = try Self.request(server.url(scheme))
        if mode == .closing { request.answerTimeout = .seconds(4) }
        try Self.send(request)
        let mail = try #require(server.wait(for: 1).first)
        #expect(mail.from == "kasparro@example.test" && mail.to == ["ops@example.test", "night@example.test"] && mail.tls, "\(mail)")
        #expect(mail.content == "Subject: test\r\n\r\nfirst\r\n.\r\n..second\r\n", "\(mail.content)")
    }

    @Test func aWrongPasswordIsSaidWithoutThePassword() throws {
        let server = try SMTPServer()
        let error = Self.failure(try Self.request(server.url(), password: "wr0ng-password"))
        #expect(error?.kind == .login && error?.description.contains("535") == true, "\(error.map(String.init(describing:)) ?? "sent")")
        #expect(error?.description.contains("wr0ng") == false && server.mails.isEmpty)
    }

    @Test func aServerWithoutEncryptionGetsNoPassword() throws {
        let server = try SMTPServer(.plain)
        let error = Self.failure(try Self.request(server.url()))
        #expect(error?.kind == .tls && error?.description.contains("STARTTLS") == true, "\(error.map(String.init(describing:)) ?? "sent")")
        #expect(server.mails.isEmpty)
    }

    @Test func thisMachineTakesMailInTheClearWithoutALogin() throws {
        let server = try SMTPServer(.open)
        try Self.send(try Self.request(server.url(), password: nil))
        #expect(try server.wait(for: 1).first?.tls == false)
    }

    @Test(arguments: [("starttls", "smtp", "expired.pem"), ("starttls", "smtp", "other-host.pem"), ("tls", "smtps", "expired.pem")])
    func aCertificateThatIsNotRightIsRefused(mode: String, scheme: String, certificate: String) throws {
        let server = try SMTPServer(.init(rawValue: mode)!, certificate: certificate)
        #expect(Self.failure(try Self.request(server.url(scheme)))?.kind == .tls)
        #expect(server.mails.isEmpty)
    }

    @Test func anUnknownAuthorityIsRefusedWithTheWayOut() throws {
        let server = try SMTPServer()
        let error = Self.failure(try Self.request(server.url(), authority: nil))
        #expect(error?.kind == .tls && error?.description.contains("ca_file") == true, "\(error.map(String.init(describing:)) ?? "sent")")
        #expect(server.mails.isEmpty)
    }

    @Test func oneRecipientThatIsGoneDoesNotKeepTheMailFromTheOthers() throws {
        let server = try SMTPServer()
        var request = try Self.request(server.url())
        request.recipients = ["nobody@example.test", "ops@example.test"]
        #expect(try Self.send(request) == ["550 5.1.1 no such mailbox"])
        #expect(try server.wait(for: 1).first?.to == ["ops@example.test"])
        request.recipients = ["nobody@example.test"]
        let error = Self.failure(request)
        #expect(error?.kind == .refused && error?.description.contains("no such mailbox") == true, "\(error.map(String.init(describing:)) ?? "sent")")
    }

    @Test func nobodyThereIsSaid() throws {
        let error = Self.failure(try Self.request("smtp://127.0.0.1:\(ScriptedServer.closedPort())"))
        #expect(error?.kind == .network && error?.description.contains("refused") == true, "\(error.map(String.init(describing:)) ?? "sent")")
    }

    @Test func aSilentServerIsLeftAtTheLimit() throws {
        let server = ScriptedServer([.hang])
        defer { server.stop() }
        var request = try Self.request("smtp://127.0.0.1:\(server.port)")
        request.totalTimeout = .milliseconds(200)
        #expect(Self.failure(request)?.kind == .timeout)
    }

    @Test(.timeLimit(.minutes(5)), arguments: [SMTPServer.Mode.silent, .greeting])
    func aCancellationEndsAMailAtOnce(mode: SMTPServer.Mode) throws {
        let server = try SMTPServer(mode)
        var request = try Self.request("smtp://127.0.0.1:\(server.port)")
        // Whatever waits for the server, or for its answer to QUIT, waits longer than the test may take.
        request.totalTimeout = .seconds(3_600)
        request.answerTimeout = .seconds(3_600)
        let flag = CancellationFlag()
        let started = DedicatedThread.start {
            try? server.waitForClient()
            flag.cancel()
        }
        try #require(started)
        #expect(throws: MailError(kind: .cancelled, description: "the mail to 127.0.0.1:\(server.port) was cancelled")) {
            try MailTransfer.send(request, cancellation: flag)
        }
    }

    @Test(arguments: ["a@b\r\nRCPT TO:<c@d>", "a b@c.d", "<a@b>", "a@", "@b", "ab", "a@b@c", "a,b@c", "ü@example.test"])
    func addressesThatWouldBreakTheExchangeAreNoAddresses(text: String) {
        #expect(!MailAddress.isUsable(text))
    }
}

@Suite struct MailServerTests {
    @Test func portsAreThoseOfSubmission() throws {
        #expect(try MailServer(url: "smtp://Mail.Example.test").endpoint == "mail.example.test:587")
        #expect(try MailServer(url: "smtps://mail.example.test/").endpoint == "mail.example.test:465")
        let other = try MailServer(url: "smtp://[::1]:25")
        #expect(other.endpoint == "[::1]:25" && other.isLoopback && !other.isSecure)
    }

    @Test(arguments: [
        ("http://mail.example.test", "its scheme is http"), ("smtp://me:pw@mail.example.test", "user and password"),
        ("smtp://mail.example.test/x", "behind host and port"), ("smtp://mail.example.test:99999", "cannot be used"),
        ("mail.example.test", "cannot be used"),
        ("smtp://mail.example.test?x", "behind host and port"), ("smtp:// mail", "cannot be used"), ("", "cannot be used"),
    ])
    func whatIsNoMailServerIsSaid(url: String, reason: String) {
        do throws(MailServer.Problem) {
            let server = try MailServer(url: url)
            Issue.record("\(url) is \(server)")
        } catch {
            #expect(error.reason.contains(reason), "\(url): \(error.reason)")
        }
    }
}
