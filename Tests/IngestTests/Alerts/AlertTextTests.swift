import MarketData
import Testing

@testable import Ingest

/// What a person reads.
@Suite struct AlertTextTests {
    static let context = {
        var context = AlertContext(host: "box\r\n.lan", options: "--data-dir /srv/k", userAgent: "t")
        context.url = "http://127.0.0.1:8080"
        return context
    }()

    static func text(_ event: Alert.Event, cause: String = "coins answered 503", incident: IncidentKey = .source("coins")) -> AlertText {
        let since = Timestamp(milliseconds: 1_767_225_600_123)
        let at = Timestamp(milliseconds: since.milliseconds + 7_500_000)
        return AlertText(
            alert: Alert(event: event, incident: incident, cause: cause, since: since, at: at, runID: "etl_1", attempts: 3),
            context: context
        )
    }

    @Test func aFailureSaysWhatSinceWhenWhyAndWhatToType() {
        let text = Self.text(.sourceFailing)
        #expect(text.subject == "kasparro on box.lan: coins failed 3 times in a row")
        for part in [
            "since:     2026-01-01T00:00:00Z\n", "attempts:  3\n", "last run:  etl_1\n", "cause:     coins answered 503\n",
            "    kasparro status --data-dir /srv/k\n", "    curl -s http://127.0.0.1:8080/runs/etl_1 | jq '.errors'\n",
            "    kasparro preview coins --data-dir /srv/k",
        ] { #expect(text.body.contains(part), "\(part) is not in:\n\(text.body)") }
    }

    @Test func aRecoverySaysHowLongItLasted() {
        let text = Self.text(.sourceRecovered)
        #expect(text.subject == "kasparro on box.lan: coins loads again after 2 h 5 min")
        #expect(text.body.contains("until:            2026-01-01T02:05:00Z"), "\(text.body)")
    }

    @Test func aWebhookIsToldTheRunInWhichASourceCameInAgain() throws {
        var text = Self.text(.sourceRecovered)
        #expect(try JSONDocument(parsing: text.json).root.member("run_id")?.string == "etl_1")
        text = AlertText(
            alert: {
                var alert = text.alert; alert.recoveringRunID = "etl_2"; return alert
            }(),
            context: Self.context
        )
        #expect(try JSONDocument(parsing: text.json).root.member("run_id")?.string == "etl_2")
        #expect(text.body.contains("\nrun:              etl_2\n") && text.body.contains("\nlast failed run:  etl_1\n"), "\(text.body)")
    }

    @Test(arguments: Alert.Event.allCases)
    func everyEventHasWordsOfItsOwn(event: Alert.Event) throws {
        let text = Self.text(event, incident: event.rawValue.hasPrefix("source") ? .source("coins") : .disk)
        #expect(text.body.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(text.body)")
        let root = try JSONDocument(parsing: text.json).root
        #expect(root.member("event")?.string == event.rawValue && root.member("text")?.string?.hasPrefix("kasparro on box.lan: ") == true)
        #expect(Set(Alert.Event.allCases.map { Self.text($0).subject }).count == Alert.Event.allCases.count)
    }

    @Test func aCauseWithLineBreaksAddsNoLinesAndALongOneIsWrapped() {
        let text = Self.text(.sourceFailing, cause: "a\r\nBcc: x@y\u{1B}[2J " + String(repeating: "word ", count: 100))
        #expect(!text.body.contains("\r") && !text.body.contains("\u{1B}") && !text.body.contains("\nBcc"), "\(text.body)")
        #expect(text.body.split(separator: "\n").allSatisfy { $0.count <= 76 }, "\(text.body)")
    }

    @Test(arguments: [(45_999, "45 s"), (60_000, "1 min"), (3_600_000, "1 h"), (11_520_000, "3 h 12 min"), (90_000_000, "1 d 1 h"), (0, "0 s")])
    func timesAreForPeople(milliseconds: Int64, text: String) { #expect(DurationText.short(milliseconds) == text) }

    @Test(arguments: [
        (0, "0 bytes"), (1_023, "1023 bytes"), (1_024, "1.0 KiB"), (64 << 20, "64.0 MiB"), ((3 << 30) - 1, "2.9 GiB"), (5 << 40, "5.0 TiB"),
    ])
    func bytesAreForPeople(bytes: Int, text: String) { #expect(ByteCountText.short(bytes) == text) }
}

/// What goes over the wire.
@Suite struct MailMessageTests {
    static func message(subject: String = "s", body: String = "b") -> String {
        let message = MailMessage(
            sender: "k@example.test",
            recipients: ["a@example.test", "b@example.test"],
            subject: subject,
            body: body,
            date: Timestamp(milliseconds: 1_767_225_600_000),
            id: "1@example.test"
        )
        return String(decoding: message.bytes, as: UTF8.self)
    }

    @Test func theFieldsAreThoseOfAMail() {
        let head = Self.message().components(separatedBy: "\r\n\r\n")[0]
        for field in [
            "From: kasparro <k@example.test>", "To: a@example.test,\r\n b@example.test", "Subject: s", "Date: Thu, 01 Jan 2026 00:00:00 +0000",
            "Message-ID: <1@example.test>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
        ] { #expect(("\r\n" + head + "\r\n").contains("\r\n\(field)\r\n"), "\(field) is not in:\n\(head)") }
    }

    @Test(arguments: ["x\r\nBcc: evil@example.test", "x\nBcc: evil@example.test", "x\u{85}Bcc: y", "x\u{0}y"])
    func aLineBreakInASubjectBeginsNoField(subject: String) {
        let head = Self.message(subject: subject).components(separatedBy: "\r\n\r\n")[0]
        #expect(!head.contains("\nBcc") && !head.contains("\u{0}"), "\(head)")
    }

    @Test func aSubjectOutsideASCIIIsEncodedInWordsOf75Characters() {
        let encoded = MailMessage.words(String(repeating: "ü€𝄞", count: 20))
        let words = encoded.components(separatedBy: "\r\n ")
        #expect(words.count > 2 && words.allSatisfy { $0.count <= 75 && $0.hasPrefix("=?UTF-8?B?") && $0.hasSuffix("?=") }, "\(encoded)")
        #expect(MailMessage.words("ü") == "=?UTF-8?B?w7w=?=" && MailMessage.words("plain") == "plain")
    }

    @Test(arguments: [
        ("a=b", "a=3Db\r\n"), ("ü\n.", "=C3=BC\r\n.\r\n"), ("blank \nx", "blank=20\r\nx\r\n"),
        (String(repeating: "x", count: 77), String(repeating: "x", count: 75) + "=\r\nxx\r\n"),
        (String(repeating: "x", count: 76), String(repeating: "x", count: 76) + "\r\n"),
    ])
    func bodiesAreQuotedPrintable(text: String, encoded: String) {
        #expect(String(decoding: MailMessage.quotedPrintable(text), as: UTF8.self) == encoded)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (-1_000, "Wed, 31 Dec 1969 23:59:59 +0000"), (1_798_761_599_000, "Thu, 31 Dec 2026 23:59:59 +0000"),
    ])
    func datesHaveTheirWeekday(milliseconds: Int64, text: String) { #expect(MailMessage.date(Timestamp(milliseconds: milliseconds)) == text) }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
