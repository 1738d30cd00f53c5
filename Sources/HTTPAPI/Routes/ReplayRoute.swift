import Hummingbird
import Ingest
import MarketData
import TickerStore

/// `POST /admin/quarantine/replay`: tries quarantined records again; answers with the run when that has ended.
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
            return request.jsonObject { run.appendMembers(to: &$0, includingBatches: true) }
        } catch {
            throw Problem(error)
        }
    }
}
