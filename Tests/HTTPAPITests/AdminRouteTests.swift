import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import MarketData
import Telemetry
import Testing

@testable import HTTPAPI
@testable import TickerStore

@Suite struct AdminRouteTests {
    private let store = FakeStore()
    private let server = TestServer()

    /// One request as it comes through the control socket.
    private func ask(_ uri: String, _ method: HTTPRequest.Method = .post, body: String? = nil) async throws -> TestResponse {
        try await server.control(store).test(.router) { client in
            try await client.execute(uri: uri, method: method, body: body.map { ByteBuffer(string: $0) })
        }
    }

    private func root(_ response: TestResponse) throws -> JSONValue { try JSONDocument(parsing: Array(response.body.readableBytesView)).root }

    @Test(arguments: ["/admin/status", "/admin/compact", "/admin/backup", "/admin/seal"])
    func theNetworkHasNoAdminRoutes(_ path: String) async throws {
        for method in [HTTPRequest.Method.get, .post, .options] {
            let response = try await TestServer().ask(path, method, headers: [.authorization: "Bearer secret-token"])
            #expect(response.status == .notFound, "\(method) \(path)")
        }
        #expect(try await !TestServer().ask("/").text.contains("/admin"))
    }

    @Test func theSocketHasAllOtherRoutesAndAsksForNoToken() async throws {
        #expect(try await ask("/livez", .get).status == .ok)
        #expect(try await ask("/refresh?source=csv").status == .accepted)
        #expect(server.runs.asked == ["manual csv"])
        #expect(try await server.ask("/refresh", .post).status == .unauthorized)
    }

    @Test func statusNamesTheProcessAndItsStore() async throws {
        let status = try root(await ask("/admin/status", .get))
        #expect(status.member("data_dir")?.string == "/var/lib/kasparro" && status.member("pid")?.integer == 4711)
        #expect(status.member("version")?.string == "0.1-test" && status.member("maintenance")?.isNull == true)
        #expect(status.member("counts")?.member("normalized")?.integer == 5)
        #expect(status.member("store")?.member("read_only")?.boolValue == false && status.member("store_reason")?.isNull == true)
        server.rows.poison("fsync failed")
        #expect(try root(await ask("/admin/status", .get)).member("store_reason")?.string == "fsync failed")
    }

    @Test func statusSaysWhyAnAlertDidNotGoOut() async throws {
        let bench = {
            var server = TestServer(); server.alerts = .failing; return server
        }()
        let text = try await bench.control(store).test(.router) { try await $0.execute(uri: "/admin/status", method: .get).text }
        #expect(text.contains(#""failing":true,"last_error":"550 <ops@example.test> is unknown"}"#), "\(text)")
    }

    @Test func compactTellsWhatItDid() async throws {
        let report = try #require(CompactionReport(root(await ask("/admin/compact"))))
        #expect(report.segmentsBefore == 5 && report.segmentsAfter == 2 && report.bytesBefore == 5_000)
        #expect(report.deadRowsDropped == 30 && report.deadRecordsDropped == 4)
        #expect(try await ask("/admin/seal").text.contains(#""status":"sealed""#))
        #expect(store.asked == ["compact", "seal"])
    }

    @Test func aBackupIsAskedForByQueryOrBody() async throws {
        let report = try #require(BackupReport(root(await ask("/admin/backup?path=/b/one%20two&include_secrets=true"))))
        #expect(report.path == "/b/one two" && report.isLinked && report.rows == 510 && report.lastLSN == 12)
        #expect(try await ask("/admin/backup", body: #"{"path":"/b/x","copy":true,"include_inbox":"true"}"#).status == .ok)
        #expect(store.asked.filter { $0.hasPrefix("backup") } == ["backup /b/one two false token,jwt.key", "backup /b/x true inbox"])
    }

    @Test(
        arguments: [
            ("/admin/backup", nil, "path"), ("/admin/backup?path=relative", nil, "path"), ("/admin/backup?path=/b&copy=maybe", nil, "copy"),
            ("/admin/backup?where=/b", nil, "where"), ("/admin/backup", #"{"path":"/b","cpoy":true}"#, "cpoy"),
            ("/admin/backup", #"{"path":7}"#, "path"), ("/admin/backup", "[]", nil),
        ] as [(String, String?, String?)]
    )
    func aBackupRequestThatCannotBeReadIs400(_ uri: String, _ body: String?, _ parameter: String?) async throws {
        let response = try await ask(uri, body: body)
        #expect(response.status == .badRequest)
        #expect(try response.problem().parameter == parameter)
        #expect(store.asked.isEmpty)
    }

    @Test(arguments: [
        (StoreError.Kind.cannotCreate, 409, "cannot_create"), (.corrupt, 500, "corrupt_data"), (.permission, 500, "permission_denied"),
        (.noSpace, 507, "no_space"), (.poisoned, 503, "store_read_only"), (.inputOutput, 500, "store_failed"),
    ])
    func aFailureOfTheStoreIsToldInFull(_ kind: StoreError.Kind, _ status: Int, _ code: String) async throws {
        store.fail(StoreError(kind, "/b/x: what happened"))
        let response = try await ask("/admin/backup?path=/b/x")
        #expect(response.status.code == status)
        let problem = try response.problem()
        #expect(problem.code == code && problem.detail == "/b/x: what happened")
    }

    @Test(.timeLimit(.minutes(10))) func onePieceOfMaintenanceAtATime() async throws {
        store.hold()
        try await server.control(store).test(.router) { client in
            async let first = client.execute(uri: "/admin/compact", method: .post)
            while store.asked.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let second = try await client.execute(uri: "/admin/backup?path=/b", method: .post)
            #expect(second.status == .conflict)
            #expect(try second.problem().code == "maintenance_in_progress")
            #expect(try await client.execute(uri: "/admin/status", method: .get).text.contains(#""maintenance":"compact""#))
            // What only reads is answered all the while.
            #expect(try await client.execute(uri: "/data?limit=1", method: .get).status == .ok)
            store.release()
            #expect(try await first.status == .ok)
            #expect(try await client.execute(uri: "/admin/seal", method: .post).status == .ok)
        }
    }

    @Test func theLogSaysWhatWasDoneForWhichRequest() async throws {
        let written = LineRecorder()
        let sink = LogSink { line in written.add(String(decoding: line.dropFirst(25).dropLast(), as: UTF8.self)) }
        var server = server
        server.logger = Logger(label: "l") { LogFormat.text.handler(label: $0, level: .info, sink: sink) }
        let asked = ["compact", "seal", "backup?path=/b/x", "quarantine/purge?all=true", "quarantine/purge?all=true&dry_run=true", "quarantine"]
        try await server.control(store).test(.router) { client in
            for (number, path) in asked.enumerated() {
                let method: HTTPRequest.Method = path == "quarantine" ? .get : .post
                let response = try await client.execute(uri: "/admin/" + path, method: method, headers: [.init("X-Request-ID")!: "r\(number)"])
                #expect(response.status == .ok, "\(path): \(response.text)")
            }
        }
        let lines = written.lines.filter { $0.contains("a request had") }
        #expect(lines.count == 4 && lines.allSatisfy { $0.hasPrefix("INFO") }, "\(written.lines)")
        for (number, words) in [
            ["a compaction done", "segments_before=5"], ["a seal done"], ["a backup done", "path=/b/x"], ["a purge of", "records="],
        ]
        .enumerated() {
            #expect((words + ["request_id=r\(number)"]).allSatisfy { lines[number].contains($0) }, "\(lines[number])")
        }
    }

    @Test func aServerThatStopsBeginsNoMaintenance() async throws {
        server.draining.raise()
        #expect(try await ask("/admin/compact").problem().code == "draining")
        #expect(store.asked.isEmpty)
    }
}

extension TestServer {
    /// The same server as its control socket shows it.
    func control(_ store: FakeStore) -> some ApplicationProtocol {
        var context = APIContext(
            rows: rows,
            runs: runs,
            registry: registry,
            authenticator: authenticator,
            version: "0.1-test",
            draining: draining
        )
        context.alerts = { [alerts] in alerts }
        return APIServer.controlApplication(
            context: context,
            administration: Administration(store: store, dataDirectory: "/var/lib/kasparro", processID: 4711),
            socketPath: "/nonexistent/control.sock",
            logger: logger,
            onServerRunning: {}
        )
    }
}
