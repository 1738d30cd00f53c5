import MarketData
import Testing

@testable import KasparroCLI

@Suite struct RunSummaryTests {
    private static func run(_ bySource: String, errors: String = "", skipped: Int = 0, status: String = "success") throws -> JSONValue {
        let text = """
            {"run_id":"etl_1","status":"\(status)","started_at":"2024-12-15T14:30:00Z","duration_ms":2301,"by_source":{\(bySource)},
             "errors":[\(errors)],"stats":{"skipped":\(skipped),"duplicates":0}}
            """
        return try JSONDocument(parsing: Array(text.utf8)).root
    }

    @Test func aSummaryIsATableWithErrorsAndHints() throws {
        let sums = #""rows":1000000,"inserted":999000,"updated":1,"skipped":997,"quarantined":2,"outliers":3"#
        let run = try Self.run(
            #""csv":{"status":"success",\#(sums)},"coinpaprika":{"status":"failed","rows":0}"#,
            errors: #"{"source":"coinpaprika","type":"network","message":"nobody answers"}"#,
            skipped: 12,
            status: "partial_success"
        )
        #expect(
            RunSummary(run)?.text(dataDirectory: "var") == """
                run etl_1: partial_success in 2301 ms
                  source       status        read      new  updated  skipped  quarantined  outliers
                  csv          success  1,000,000  999,000        1      997            2         3
                  coinpaprika  failed           0        0        0        0            0         0
                12 records of unchanged files were not read again
                error: coinpaprika: nobody answers
                hint: records in quarantine, with the reasons: kasparro quarantine list --data-dir 'var'
                hint: outliers are stored like all rows and listed apart: zcat 'var'/segments/outliers/*.jsonl.gz
                """
        )
    }

    @Test func errorsThatAreOnlyCountedAreSaidSo() throws {
        let text = """
            {"run_id":"etl_1","status":"failed","duration_ms":1,"by_source":{"csv":{"status":"failed"}},
             "errors":[{"source":"csv","type":"data","message":"no"}],"stats":{"skipped":0,"duplicates":0,"errors":1235}}
            """
        let summary = try RunSummary(JSONDocument(parsing: Array(text.utf8)).root)?.text(dataDirectory: "var")
        #expect(summary?.contains("error: csv: no\n1,234 more errors are counted and not listed") == true, "\(summary ?? "")")
    }

    @Test func whatARunHasNoneOfHasNoColumn() throws {
        let text = try #require(RunSummary(Self.run(#""csv":{"status":"nothing"}"#))?.text(dataDirectory: "var"))
        #expect(!text.contains("outliers") && !text.contains("too old") && text.hasSuffix("files into var/inbox"), "\(text)")
        #expect(RunSummary(try JSONDocument(parsing: Array(#"{"run_id":"etl_1","status":"success"}"#.utf8)).root) == nil)
    }

    @Test func progressIsReadFromTheSameRun() throws {
        let run = try Self.run(#""csv":{"status":"running","rows":7},"api":{"status":"running","rows":0},"old":{"status":"success","rows":2}"#)
        let statistics = #"{"rate_limits":{"api":{"waiting_until":"2024-12-15T14:31:00Z","waiting_for":"quota"},"csv":{"waiting_until":null}}}"#
        let waits = [String: RunProgress.State](try JSONDocument(parsing: Array(statistics.utf8)).root)
        let progress = try #require(RunProgress(run, waits: waits, now: .earliest))
        #expect(progress.sources.map(\.name) == ["csv", "api", "old"] && progress.sources.map(\.rows) == [7, 0, 2])
        #expect(progress.sources[0].state == .running && progress.sources[2].state == .ended("success"))
        #expect(progress.sources[1].state == .waiting(until: try Timestamp.parse("2024-12-15T14:31:00Z"), why: "quota"))
    }
}
