import HTTPTypes
import Hummingbird
import Ingest
import MarketData

/// `GET /runs/compare`: what differs between two runs.
struct RunComparisonRoute: Sendable {
    let context: APIContext

    var endpoint: Endpoint {
        Endpoint(.get, "/runs/compare", parameters: ["a", "b"], summary: "what differs between two runs; ?a=ID&b=ID", handle: answer)
    }

    private func answer(_ request: APIRequest) async throws -> Response {
        let comparison = RunComparison(try await run("a", request), try await run("b", request))
        return request.jsonObject { writer in
            writer.member("run_id", context.runs.latestRunID)
            comparison.appendMembers(to: &writer)
        }
    }

    private func run(_ parameter: String, _ request: APIRequest) async throws -> JSONValue {
        guard let id = try request.query.single(parameter) else {
            throw Problem.invalidParameter(parameter, "`\(parameter)` is missing. Give the ids of two runs, as in `/runs/compare?a=etl_…&b=etl_…`.")
        }
        guard let run = try await ReadingPool.runShort({ [runs = context.runs] in try runs.presentation(of: id) }) else {
            throw Problem(
                .notFound,
                code: "run_not_found",
                detail: "There is no run `\(id)`, which `\(parameter)` names. `GET /runs` lists them, newest first.",
                parameter: parameter
            )
        }
        var writer = JSONWriter()
        writer.beginObject()
        run.appendMembers(to: &writer, includingBatches: false)
        writer.endObject()
        return try JSONDocument(parsing: writer.bytes).root
    }
}
