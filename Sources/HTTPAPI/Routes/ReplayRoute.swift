import Hummingbird
import Ingest
import Logging
import MarketData
import TickerStore

/// `POST /admin/quarantine/replay`: tries quarantined records again; answers with the run when that has ended. Where no record is meant there is
/// no run: `run_id` is null.
struct ReplayRoute: Sendable {
    let context: APIContext

    var endpoint: Endpoint {
        Endpoint(
            .post,
            "/admin/quarantine/replay",
            parameters: ["source", "reason", "id"],
            summary: "tries quarantined records again",
            handle: replay
        )
    }

    private func replay(_ request: APIRequest) async throws -> Response {
        let ids = try request.query.single("id").map { text in
            try Set(
                text.split(separator: ",").map { part in
                    guard let id = RecordDigest(hexadecimal: String(part)) else {
                        throw Problem.invalidParameter("id", "`\(part)` is no id of a quarantined record, which has 32 hexadecimal digits.")
                    }
                    return id
                }
            )
        }
        let wanted = ReplayRequest(source: try request.query.single("source"), reason: try request.query.single("reason"), ids: ids)
        do throws(RefreshError) {
            let run = try await OwnThread.run { [runs = context.runs] () throws(RefreshError) in try runs.replay(wanted) }
            // The run's own lines of the log have its id only.
            request.told(of: "a replay", ["run_id": "\(run.runID)"])
            return request.jsonObject { run.appendMembers(to: &$0, includingBatches: true) }
        } catch {
            guard case .nothingWaits = error else { throw Problem(error) }
            return request.jsonObject { writer in
                writer.nullMember("run_id")
                writer.member("status", SourceOutcome.nothing.rawValue)
            }
        }
    }
}
