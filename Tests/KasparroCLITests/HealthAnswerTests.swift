import MarketData
import Testing

@testable import KasparroCLI

@Suite struct HealthAnswerTests {
    private static func reasons(_ members: String, status: String = "degraded") throws -> [String] {
        HealthAnswer.reasons(in: try JSONDocument(parsing: Array(#"{"status":"\#(status)",\#(members)}"#.utf8)).root)
    }

    @Test func whichSourceFailsIsSaidWithItsLastError() throws {
        let failing = #""failing_sources":[{"source":"csv","attempts":3,"error":"a.csv has no header"},{"source":"api","attempts":1,"error":null}]"#
        #expect(
            try Self.reasons(#""health":{"status":"failed"},"# + failing) == [
                "csv has failed 3 times in a row: a.csv has no header", "api has failed",
            ]
        )
    }

    @Test func aRunThatFailedThroughNoSourceSaysWhy() throws {
        let failed = #""health":{"status":"failed"},"failing_sources":[]"#
        #expect(try Self.reasons(failed + #","run_reason":"the process ended""#) == ["the last run failed: the process ended"])
        #expect(try Self.reasons(failed) == ["the last run failed"])
        #expect(try Self.reasons(failed, status: "ok").isEmpty)
    }

    @Test func aStrangersTextDoesNotSteerTheTerminal() throws {
        let failing = #""failing_sources":[{"source":"csv","attempts":3,"error":"\u001b[2J\u202e"}]"#
        #expect(try Self.reasons(failing) == [#"csv has failed 3 times in a row: \u{1b}[2J\u{202e}"#])
    }

    @Test func theLineOfStatusHasTheReasons() {
        let text = StatusReport.text(#"{"server":{"status":"degraded","reasons":["csv has failed","the disk is full"]}}"#)
        #expect(text.contains("health          degraded (csv has failed; the disk is full)"), "\(text)")
    }
}
