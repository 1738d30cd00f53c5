// The properties of decoded answers have the names on the wire.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import HTTPTypes
import HummingbirdTesting
import MarketData
import Testing

@testable import HTTPAPI
@testable import Ingest

@Suite struct HealthAndStatsTests {
    private struct Health: Decodable {
        struct Run: Decodable { var status: String; var errors: Int }
        struct Components: Decodable {
            var api: String
            var db_connected: Bool
            var db_ping: Bool
            var store: String
            var scheduler: String
            var clock: String
            var alerts: String
        }
        var request_id: String
        var status: String
        var health: Run
        var components: Components
        var version: String
        var uptime_seconds: Int
        var sample_data: Bool
        var api_latency_ms: Int
    }

    @Test func healthTellsTheStateOfEveryPart() async throws {
        let health = try await TestServer().ask("/health?cachebuster=1").decode(Health.self)
        #expect(health.status == "ok")
        #expect(health.health.status == "success" && health.health.errors == 0)
        #expect(health.components.api == "ok" && health.components.db_connected && health.components.db_ping)
        #expect(health.components.store == "ok" && health.components.scheduler == "disabled" && health.components.clock == "ok")
        #expect(health.version == "0.1-test" && health.sample_data)
    }

    @Test func aReadOnlyStoreIsDegradedAndReady() async throws {
        let server = TestServer()
        server.rows.poison("fsync failed")
        let response = try await server.ask("/health")
        #expect(response.status == .ok)
        let health = try response.decode(Health.self)
        #expect(health.status == "degraded" && health.components.store == "read_only")
        #expect(try await server.ask("/readyz").status == .ok)
    }

    @Test func anUnreadableStoreIsDegraded() async throws {
        let server = TestServer()
        try server.rows.cutRows()
        let health = try await server.ask("/health").decode(Health.self)
        #expect(health.status == "degraded" && !health.components.db_ping)
    }

    @Test func aClockThatCannotBeRightIsDegraded() async throws {
        let server = TestServer()
        server.runs.doubtClock("the machine's clock says 1970")
        let response = try await server.ask("/health")
        #expect(try response.decode(Health.self).status == "degraded" && response.decode(Health.self).components.clock == "wrong")
    }

    @Test func aStalledSchedulerIsDegraded() async throws {
        var server = TestServer()
        server.schedule = ScheduleStatus(state: .stalled, problem: "the disk is full")
        let response = try await server.ask("/health")
        let health = try response.decode(Health.self)
        #expect(health.status == "degraded" && health.components.scheduler == "stalled")
        #expect(response.text.contains(#""scheduler_reason":"the disk is full""#), "\(response.text)")
    }

    @Test func alertsAreNamedAndDegradeNothing() async throws {
        var server = TestServer()
        let calm = try await server.ask("/health").text
        #expect(calm.contains(#""alerts":"off"}"#) && calm.contains(#""alerts_firing":[],"#), "\(calm)")
        server.alerts = .failing
        let response = try await server.ask("/health")
        let health = try response.decode(Health.self)
        #expect(health.status == "ok" && health.components.alerts == "failing")
        #expect(
            response.text.contains(#""alerts_firing":[{"event":"disk_low","source":null,"summary":"the disk is getting full""#),
            "\(response.text)"
        )
        let statistics = try await server.ask("/stats").text
        #expect(statistics.contains(#""channels":{"email":{"last_sent":null,"last_failed":"2024-12-15T14:00:00Z","failing":true}}"#), "\(statistics)")
        #expect(!statistics.contains("ops@"), "\(statistics)")
    }

    @Test func statsShowWhenEachSourceIsLoaded() async throws {
        var server = TestServer()
        let tick = Timestamp(milliseconds: 1_734_271_200_000)
        server.schedule = ScheduleStatus(state: .ok, everyMilliseconds: 3_600_000, lastTick: tick, nextTick: tick)
        server.schedule.sources = [.init(name: "csv", everyMilliseconds: 900_000, lastAttempt: nil, nextTick: tick)]
        let text = try await server.ask("/stats").text
        #expect(
            text.contains(
                #""schedule":{"state":"ok","every_ms":3600000,"last_tick":"2024-12-15T14:00:00Z","next_tick":"2024-12-15T14:00:00Z","#
                    + #""sources":{"csv":{"every_ms":900000,"last_attempt":null,"next_tick":"2024-12-15T14:00:00Z"}}}"#
            ),
            "\(text)"
        )
    }

    @Test func aFailedRunIsDegraded() async throws {
        let server = TestServer()
        server.runs.end("failed")
        #expect(try await server.ask("/health").decode(Health.self).status == "degraded")
    }

    @Test func aSourceThatGoesOnFailingIsDegradedAndNamedOnThePage() async throws {
        let server = TestServer()
        server.runs.end("partial_success")
        #expect(try await server.ask("/health").decode(Health.self).status == "ok")
        server.runs.fail([FailingSource(name: "csv", attempts: 3, error: "a.csv has no header")])
        let response = try await server.ask("/health")
        #expect(try response.decode(Health.self).status == "degraded")
        #expect(response.text.contains(#""failing_sources":[{"source":"csv","attempts":3,"error":"a.csv has no header"}]"#), "\(response.text)")
        let page = try await server.ask("/", headers: [.accept: "text/html"]).text
        #expect(page.contains("The source csv has failed 3 times in a row: a.csv has no header") && !page.contains("All is well"))
    }

    @Test func readinessEndsWhenDrainingBegins() async throws {
        let server = TestServer()
        #expect(try await server.ask("/readyz").status == .ok)
        server.draining.raise()
        let response = try await server.ask("/readyz")
        #expect(response.status == .serviceUnavailable)
        #expect(try response.problem().code == "draining")
        #expect(try await server.ask("/livez").status == .ok)
        #expect(try await server.ask("/health").status == .ok)
    }

    @Test func statsHaveTheDocumentedShape() async throws {
        let response = try await TestServer().ask("/stats", headers: [.init("X-Request-ID")!: "r1"])
        let latency = try #require(response.header("X-API-Latency-Ms"))
        #expect(
            response.text
                == #"{"request_id":"r1","run_id":"etl_20241215_143022_3","health":{"status":"success","errors":0},"#
                + #""counts":{"raw":5,"normalized":5,"quarantined":0,"by_source":{"csv":5}},"#
                + #""latency_avg_ms":1200,"error_rate":0.3333,"last_successful_run_id":"etl_ok","run_in_progress":null,"#
                + #""incremental":{"last_run_new_records":5,"last_run_skipped":6,"total_duplicate_prevention":7},"#
                + #""rate_limits":{"coinpaprika":{"quota_per_minute":10,"effective":5,"tokens_remaining":4,"#
                + #""not_before":"2024-12-15T14:31:00Z","month_used":17,"month_budget":20000,"circuit":"half_open","throttle_events":2,"#
                + #""waiting_until":"2024-12-15T14:30:30Z","waiting_for":"quota"},"#
                + #""csv":{"quota_per_minute":null,"effective":null,"tokens_remaining":null,"not_before":null,"month_used":null,"#
                + #""month_budget":null,"circuit":null,"throttle_events":null,"waiting_until":null,"waiting_for":null}},"#
                + #""store":{"segments":2,"bytes":8192,"wal_files":1,"wal_bytes":4096,"segment_bytes":0,"sealed_rows":0,"#
                + #""superseded_rows":0,"memory_groups":3,"maintenance_jobs":0,"maintenance_failure":null,"disk_free_bytes":0,"#
                + #""series":2,"last_lsn":9,"durable_lsn":8,"read_only":false},"#
                + #""schedule":{"state":"disabled","every_ms":null,"last_tick":null,"next_tick":null,"sources":{}},"#
                + #""alerts":{"state":"off","firing":[],"channels":{}},"api_latency_ms":\#(latency)}"#
        )
        #expect(try await TestServer().ask("/stats?verbose=1").status == .badRequest)
    }

    @Test(arguments: [
        (0, 0, "0.0000"), (0, 9, "0.0000"), (1, 3, "0.3333"), (2, 3, "0.6667"), (3, 3, "1.0000"), (1, 20_000, "0.0001"),
    ])
    func errorRatesHaveFourDigits(_ failed: Int, _ all: Int, _ text: String) {
        #expect(StatsRoute.errorRate(failed: failed, of: all) == text)
    }

    @Test func metricsArePrometheusText() async throws {
        let response = try await TestServer().ask("/metrics?x=1")
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.text.hasSuffix("\n"))
    }
}

extension AlertStatus {
    /// One alert is firing, and the mail about it did not go out.
    static var failing: AlertStatus {
        let time = Timestamp(milliseconds: 1_734_271_200_000)
        var status = AlertStatus()
        status.firing = [
            Firing(
                event: "disk_low",
                summary: "the disk is getting full",
                cause: "1 <MiB> is free",
                since: time,
                at: time,
                attempts: 0,
                delivered: []
            )
        ]
        status.channels = [Channel(channel: .email, lastFailed: time, lastError: "550 <ops@example.test> is unknown", isFailing: true)]
        return status
    }
}
