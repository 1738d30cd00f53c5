import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI

@Suite struct RunComparisonTests {
    private func differences(_ a: String, _ b: String) throws -> String {
        var writer = JSONWriter()
        writer.beginObject()
        try RunComparison(JSONDocument(parsing: Array(a.utf8)).root, JSONDocument(parsing: Array(b.utf8)).root).appendMembers(to: &writer)
        writer.endObject()
        let root = try JSONDocument(parsing: writer.bytes).root
        return root.member("differences")?.withRaw { String(decoding: $0.withUnsafeBufferPointer { Array($0) }, as: UTF8.self) } ?? ""
    }

    @Test(arguments: [
        (#"{"run_id":"x","started_at":"1"}"#, #"{"run_id":"y","started_at":"2"}"#, "{}"),
        (#"{"status":"success"}"#, #"{"status":"failed"}"#, #"{"status":{"a":"success","b":"failed"}}"#),
        (#"{"duration_ms":1200}"#, #"{"duration_ms":700}"#, #"{"duration_ms":{"a":1200,"b":700,"delta":-500}}"#),
        (#"{"duration_ms":null}"#, #"{"duration_ms":700}"#, #"{"duration_ms":{"a":null,"b":700}}"#),
        (#"{"stats":{"inserted":1,"errors":0}}"#, #"{"stats":{"inserted":5,"errors":0}}"#, #"{"stats":{"inserted":{"a":1,"b":5,"delta":4}}}"#),
        (#"{"sources":["a","b"]}"#, #"{"sources":["b","c"]}"#, #"{"sources":{"added":["c"],"removed":["a"]}}"#),
        (#"{"sources":["a","b"]}"#, #"{"sources":["b","a"]}"#, "{}"),
        (
            #"{"errors":[{"source":"s","type":"tls","at":"1"},{"source":"s","type":"tls","at":"2"}]}"#,
            #"{"errors":[{"source":"s","type":"timeout","at":"3"}]}"#,
            #"{"errors":{"added":[{"source":"s","type":"timeout"}],"removed":[{"source":"s","type":"tls"}]}}"#
        ),
        (#"{"errors":[{"source":"s","type":"tls","at":"1"}]}"#, #"{"errors":[{"source":"s","type":"tls","at":"2"}]}"#, "{}"),
        (
            #"{"by_source":{"a":{"rows":1}}}"#, #"{"by_source":{"b":{"rows":1}}}"#,
            #"{"by_source":{"a":{"a":{"rows":1},"b":null},"b":{"a":null,"b":{"rows":1}}}}"#
        ),
    ])
    func onlyWhatDiffersIsShown(a: String, b: String, expected: String) throws { #expect(try differences(a, b) == expected) }

    @Test func theAnswerHasTheDocumentedShape() async throws {
        let uri = "/runs/compare?a=etl_20241215_143022_1&b=etl_20241215_143022_2"
        #expect(
            try await TestServer().ask(uri).members
                == #""run_id":"etl_20241215_143022_3","a":{"run_id":"etl_20241215_143022_1","status":"failed","started_at":null,"completed_at":null},"#
                + #""b":{"run_id":"etl_20241215_143022_2","status":"success","started_at":null,"completed_at":null},"#
                + #""differences":{"status":{"a":"failed","b":"success"}}"#
        )
    }

    @Test(arguments: [("?a=etl_20241215_143022_1", 400, "b"), ("?a=nope&b=etl_20241215_143022_1", 404, "a"), ("?c=1", 400, "c"), ("", 400, "a")])
    func theRunAtFaultIsNamed(query: String, status: Int, parameter: String) async throws {
        let problem = try await TestServer().ask("/runs/compare\(query)").problem()
        #expect(problem.status == status && problem.parameter == parameter)
    }

    @Test func theWordCompareIsNoRunAndOtherMethodsAreRefused() async throws {
        #expect(try await TestServer().ask("/runs/compare", .post).problem().detail.contains("`/runs/compare`"))
    }
}
