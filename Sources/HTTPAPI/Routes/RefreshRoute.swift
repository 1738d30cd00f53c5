import HTTPTypes
import Hummingbird
import Ingest
import Logging
import MarketData

/// `POST /refresh`: starts a run, or joins the one in progress.
struct RefreshRoute: Sendable {
    let context: APIContext

    var endpoints: [Endpoint] {
        [("/refresh", "starts a run (needs the token)"), ("/etl/refresh", "the same as /refresh")].map {
            path,
            summary in
            Endpoint(
                .post,
                path,
                parameters: ["source", "wait"],
                summary: summary,
                usualStatus: .accepted,
                isPatient: true,
                handle: refresh
            )
        }
    }

    private func refresh(_ request: APIRequest) async throws -> Response {
        let source = try request.query.single("source")
        let seconds = try request.query.integer("wait", in: 0...300) ?? 0
        if context.draining.isRaised { throw Problem(RefreshError.draining) }
        let ticket = try await start(source: source)
        // The run's own lines of the log have its id only.
        request.context.logger.info(
            ticket.alreadyRunning ? "a request joined a run" : "a request started a run",
            metadata: ["run_id": "\(ticket.runID)"]
        )
        var status = ticket.alreadyRunning ? "already_running" : "started"
        if seconds > 0 { status = await context.runs.wait(for: ticket.runID, atMost: seconds) }
        return request.jsonObject(status: .accepted, headers: [.location: "/runs/\(ticket.runID)"]) { writer in
            writer.member("run_id", ticket.runID)
            writer.member("status", status)
            writer.key("pre_run_counts")
            writer.beginObject()
            writer.member("raw", ticket.preRunCounts.raw)
            writer.member("normalized", ticket.preRunCounts.normalized)
            writer.endObject()
        }
    }

    /// The run's record is on disk when this returns, hence the thread.
    private func start(source: String?) async throws -> RefreshTicket {
        do throws(RefreshError) {
            return try await OwnThread.run { [runs = context.runs] () throws(RefreshError) in
                try runs.refresh(trigger: "manual", source: source)
            }
        } catch {
            throw Problem(error)
        }
    }
}
