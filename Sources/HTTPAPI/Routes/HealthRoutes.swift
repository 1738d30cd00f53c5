import HTTPTypes
import Hummingbird
import Ingest
import MarketData
import TickerStore

/// `/health` for people and dashboards, `/livez` and `/readyz` for what restarts and routes.
struct HealthRoutes: Sendable {
    let context: APIContext

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/health",
                parameters: nil,
                summary: "state of the server, its store and its last run",
                handle: health
            ),
            Endpoint(.get, "/livez", parameters: nil, summary: "200 while the process answers", access: .everyone) { request in
                request.jsonObject { $0.member("status", "ok") }
            },
            Endpoint(
                .get,
                "/readyz",
                parameters: nil,
                summary: "200 when requests are welcome, 503 while shutting down"
            ) {
                request in
                if context.draining.isRaised {
                    throw Problem.unavailable("draining", "The server is shutting down and takes no new work.")
                }
                return request.jsonObject { $0.member("status", "ready") }
            },
        ]
    }

    /// Always 200: whoever asks wants to read the state, not to lose it behind an error.
    private func health(_ request: APIRequest) async throws -> Response {
        let run = context.runs.statistics()
        let statistics = context.rows.statistics
        let refusal = statistics.refusal
        let schedule = context.schedule()
        let alerts = context.alerts()
        let readable = await canRead()
        let isFine =
            readable && refusal == nil && statistics.maintenanceFailure == nil && run.healthStatus != "failed"
            && run.failingSources.isEmpty && run.clockProblem == nil && schedule.state != .stalled
        return request.jsonObject { writer in
            writer.member("run_id", context.runs.latestRunID)
            writer.member("status", isFine ? "ok" : "degraded")
            writer.health(status: run.healthStatus, errors: run.healthErrors)
            writer.key("components")
            writer.beginObject()
            writer.member("api", context.draining.isRaised ? "draining" : "ok")
            writer.member("db_connected", true)
            writer.member("db_ping", readable)
            writer.member("store", refusal == nil ? "ok" : "read_only")
            writer.member("scheduler", schedule.state.rawValue)
            writer.member("clock", run.clockProblem == nil ? "ok" : "wrong")
            writer.member("alerts", alerts.state.rawValue)
            writer.endObject()
            writer.array("failing_sources", run.failingSources) { $1.append(to: &$0) }
            if let reason = run.lastRunFailure { writer.member("run_reason", reason) }
            if let reason = run.clockProblem { writer.member("clock_reason", reason) }
            if let reason = schedule.problem { writer.member("scheduler_reason", reason) }
            if let reason = refusal ?? statistics.maintenanceFailure { writer.member("store_reason", reason) }
            alerts.appendFiring(as: "alerts_firing", to: &writer)
            writer.member("run_in_progress", run.runInProgress)
            writer.member("version", context.version)
            writer.member("uptime_seconds", Int((ContinuousClock.now - context.startedAt).components.seconds))
            writer.member("sample_data", context.sampleData)
            if let fault = context.fault { writer.member("fault", fault) }
        }
    }

    /// Reads the newest row, from disk if it is there.
    private func canRead() async -> Bool {
        var query = RowQuery()
        query.limit = 1
        return await (try? ReadingPool.runShort { [query, rows = context.rows] in try rows.snapshot().page(query) }) != nil
    }
}
