// The properties of decoded answers have the names on the wire.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import HTTPTypes
import HummingbirdTesting
import Testing

@testable import HTTPAPI

@Suite struct RunsRoutesTests {
    private struct Run: Decodable { var run_id: String; var status: String }

    @Test func theListIsABareArrayNewestFirst() async throws {
        let response = try await TestServer().ask("/runs")
        #expect(
            response.text
                == #"[{"run_id":"etl_20241215_143022_3","status":"failed"},{"run_id":"etl_20241215_143022_2","status":"success"},"#
                + #"{"run_id":"etl_20241215_143022_1","status":"failed"}]"#
        )
        #expect(response.header("Link") == nil && response.header("X-Next-Cursor") == nil)
    }

    @Test func noRunsIsAnEmptyArray() async throws {
        var server = TestServer()
        server.runs = FakeRuns(count: 0)
        let response = try await server.ask("/runs")
        #expect(response.text == "[]")
        #expect(response.header("X-Run-ID") == nil)
    }

    @Test func cursorsLeadThroughTheWholeList() async throws {
        var server = TestServer()
        server.runs = FakeRuns(count: 7)
        var ids: [String] = []
        var uri = "/runs?limit=2&status=failed"
        while true {
            let response = try await server.ask(uri)
            ids += try response.decode([Run].self).map(\.run_id)
            guard let next = response.header("X-Next-Cursor") else { break }
            #expect(response.header("Link") == "</runs?limit=2&cursor=\(next)>; rel=\"next\"")
            uri = "/runs?limit=2&cursor=\(next)"
        }
        #expect(ids == [7, 5, 3, 1].map { "etl_20241215_143022_\($0)" })
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=101", "limit"), ("status=sucess", "status"), ("cursor=abc", "cursor"),
        ("page=1", "page"),
    ])
    func aBadParameterIsNamed(_ query: String, _ parameter: String) async throws {
        let response = try await TestServer().ask("/runs?\(query)")
        #expect(response.status == .badRequest)
        #expect(try response.problem().parameter == parameter)
    }

    @Test func aFilterThatContradictsTheCursorIsNamed() async throws {
        let cursor = try #require(await TestServer().ask("/runs?limit=1&status=failed").header("X-Next-Cursor"))
        #expect(try await TestServer().ask("/runs?cursor=\(cursor)&status=success").problem().parameter == "status")
        #expect(try await TestServer().ask("/runs?cursor=\(cursor)&source=csv").problem().parameter == "source")
        #expect(try await TestServer().ask("/runs?cursor=\(cursor)&status=failed").status == .ok)
    }

    @Test func oneRunIsAnObjectWithBatches() async throws {
        let response = try await TestServer().ask(
            "/runs/etl_20241215_143022_2",
            headers: [.init("X-Request-ID")!: "r1"]
        )
        let latency = try #require(response.header("X-API-Latency-Ms"))
        #expect(
            response.text
                == #"{"request_id":"r1","run_id":"etl_20241215_143022_2","status":"success","batches":[],"api_latency_ms":\#(latency)}"#
        )
    }

    @Test func anUnknownRunIs404() async throws {
        let response = try await TestServer().ask("/runs/etl%20nope")
        #expect(response.status == .notFound)
        let problem = try response.problem()
        #expect(problem.code == "run_not_found" && problem.detail.contains("`etl nope`"))
        #expect(try await TestServer().ask("/runs/%zz").status == .badRequest)
    }
}
