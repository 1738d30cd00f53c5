import Testing
import Transfer

@testable import Ingest

/// Where alerts go, and what is said when that cannot be understood.
@Suite struct AlertConfigurationTests {
    static func configuration(_ variables: [String: String], file: String = "{}") throws -> AlertConfiguration {
        try AlertConfiguration(
            file: ConfigurationText(path: "test.conf", bytes: Array(file.utf8)),
            surroundings: ConfigurationSurroundings(variables: variables, dataDirectory: "/d", userAgent: "t")
        )
    }

    @Test func nothingSetIsOffAndSaysHowToTurnItOn() throws {
        let configuration = try Self.configuration(["ALERT_EMAIL_TO": ""])
        #expect(configuration.settings.isOff && configuration.problems.isEmpty && configuration.variableProblems.isEmpty)
        #expect(configuration.settings.inWords == "off (set ALERT_EMAIL_TO or ALERT_WEBHOOK_URL)")
    }

    @Test func aMailboxAloneSendsToItself() throws {
        let email = try #require(Self.configuration(["ALERT_EMAIL_USER": "me@gmail.com", "ALERT_EMAIL_PASS": "abcd efgh"]).settings.email)
        #expect(email.server == (try MailServer(url: "smtp://smtp.gmail.com:587")) && email.login?.password == "abcd efgh")
        #expect(email.sender == "me@gmail.com" && email.recipients == ["me@gmail.com"])
    }

    @Test func variablesWinOverTheFile() throws {
        let file = """
            { alerts: { email_to: ["a@x.test", "b@x.test"], email_user: "file", email_pass: { env: "P" }, email_from: "f@x.test",
              smtp_url: "smtps://mail.x.test", webhook_url: { prefix: "https://hooks.x.test/", env: "HOOK" }, ca_file: "ca.pem" } }
            """
        let configuration = try Self.configuration(
            ["P": "pass-of-file", "ALERT_EMAIL_USER": "env", "HOOK": "T000/B000/token-of-the-hook", "ALERT_HEARTBEAT_URL": "http://127.0.0.1:1/b"],
            file: file
        )
        #expect(
            configuration.problems.isEmpty && configuration.variableProblems.isEmpty,
            "\(configuration.problems) \(configuration.variableProblems)"
        )
        let settings = configuration.settings
        #expect(settings.email?.login == .init(user: "env", password: "pass-of-file") && settings.email?.recipients == ["a@x.test", "b@x.test"])
        #expect(settings.email?.server.endpoint == "mail.x.test:465" && settings.certificateFile == "ca.pem")
        #expect(settings.inWords == "e-mail to a@x.test, b@x.test by mail.x.test:465, webhook hooks.x.test, heartbeat 127.0.0.1:1")
        let shown = configuration.values.map { "\($0.path)=\(String(decoding: $0.json, as: UTF8.self)) \($0.origin)" }.joined(separator: "\n")
        #expect(
            shown.contains(#"alerts.email_pass="***" test.conf:1"#) && shown.contains(#"alerts.webhook_url="hooks.x.test/***" test.conf:2"#),
            "\(shown)"
        )
        #expect(shown.contains(#"alerts.email_user="env" environment ALERT_EMAIL_USER"#) && !shown.contains("token-of"), "\(shown)")
        let masked = configuration.secrets.redacted("pass-of-file https://hooks.x.test/T000/B000/token-of-the-hook token-of-the-hook")
        #expect(masked == "*** https://hooks.x.test*** ***")
    }

    @Test(arguments: [
        (["ALERT_EMAIL_TO": "a@x.test"], "ALERT_EMAIL_TO: smtp.gmail.com wants a login; set ALERT_EMAIL_USER"),
        (["ALERT_EMAIL_USER": "a@x.test"], "ALERT_EMAIL_USER: a login has two parts; set ALERT_EMAIL_PASS"),
        (["ALERT_EMAIL_PASS": "p"], "ALERT_EMAIL_PASS: a login has two parts; set ALERT_EMAIL_USER"),
        (["ALERT_SMTP_URL": "smtp://x.test"], "ALERT_SMTP_URL: who is the mail to? Set ALERT_EMAIL_TO"),
        (["ALERT_SMTP_URL": "http://x.test", "ALERT_EMAIL_TO": "a@x.test"], "ALERT_SMTP_URL: this is no mail server: its scheme is http"),
        (["ALERT_SMTP_URL": "smtp://x.test", "ALERT_EMAIL_TO": "a@x.test"], "ALERT_EMAIL_TO: who is the mail from? Set ALERT_EMAIL_FROM"),
        (
            ["ALERT_SMTP_URL": "smtp://x.test", "ALERT_EMAIL_TO": "a@x.test, b", "ALERT_EMAIL_FROM": "c@x.test"],
            "ALERT_EMAIL_TO: “b” is no e-mail address"
        ),
        (["ALERT_EMAIL_USER": "me", "ALERT_EMAIL_PASS": "p"], "ALERT_EMAIL_USER: “me” is no e-mail address; set ALERT_EMAIL_TO"),
        (["ALERT_EMAIL_TO": "a@x.test\nBcc: b@x.test"], "ALERT_EMAIL_TO: there is a line break"),
        (["ALERT_WEBHOOK_URL": "hooks.x.test/abc"], "ALERT_WEBHOOK_URL: an absolute http or https URL is expected"),
        (["ALERT_HEARTBEAT_URL": "ftp://x.test"], "ALERT_HEARTBEAT_URL: an absolute http or https URL is expected"),
    ])
    func halfASettingIsAnErrorWithTheWayOut(variables: [String: String], message: String) throws {
        let configuration = try Self.configuration(variables)
        #expect(configuration.variableProblems.contains { $0.hasPrefix(message) }, "\(configuration.variableProblems)")
        #expect(configuration.settings.isOff && configuration.problems.isEmpty)
    }

    @Test(arguments: [
        ("email_pass: 'p'", "/alerts/email_pass: a secret does not belong into this file"),
        ("emial_to: 'a@x.test'", "/alerts/emial_to: unknown key; did you mean email_to?"),
        ("email_to: 'a@x.test', email_user: 'u', email_pass: { env: 'NONE' }", "/alerts/email_pass/env: the environment variable NONE is not set"),
        ("email_to: []", "/alerts/email_to: at least one is expected"), ("email_to: 5", "/alerts/email_to: text in quotes"),
        ("webhook_url: 'x'", "/alerts/webhook_url: an absolute http or https URL is expected"),
        ("email_to: 'a@x.test'", "/alerts/email_to: smtp.gmail.com wants a login"),
    ])
    func theFileIsCheckedWithPlaces(members: String, message: String) throws {
        let configuration = try Self.configuration([:], file: "{ alerts: { \(members) } }")
        #expect(configuration.problems.contains { "\($0.pointer): \($0.message)".hasPrefix(message) }, "\(configuration.problems)")
    }
}
