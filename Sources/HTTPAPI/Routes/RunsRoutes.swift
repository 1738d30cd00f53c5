import HTTPTypes
import Hummingbird
import MarketData

/// `GET /runs` and `GET /runs/{id}`.
struct RunsRoutes: Sendable {
    let context: APIContext

    private static let statuses = ["running", "success", "partial_success", "failed"]

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/runs",
                parameters: ["limit", "cursor", "status", "source"],
                summary: "runs, newest first",
                handle: list
            ),
            Endpoint(.get, "/runs/{id}", summary: "one run with its batches", handle: one),
        ]
    }

    /// A bare array, so that `jq '.[0]'` is the newest run; ids and cursors are in the header fields.
    private func list(_ request: APIRequest) async throws -> Response {
        _ = try request.query.choice("status", of: Self.statuses)
        let list = try ListRequest(.runs, request.query, words: ["status"], limits: 1...100, usual: 20)
        let before = try list.place { $0.integer() }.map { Int($0) }
        let (status, source) = (list.filters.words["status"], try list.oneSource())
        let page = try await ReadingPool.runShort { [runs = context.runs] in
            try runs.runs(limit: list.limit, before: before, status: status, source: source)
        }
        var writer = JSONWriter()
        writer.beginArray()
        for run in page.runs {
            writer.beginObject()
            run.appendMembers(to: &writer, includingBatches: false)
            writer.endObject()
        }
        writer.endArray()
        let next = page.next.map { sequence in list.cursor { $0.integer(Int64(sequence)) } }
        var headers: HTTPFields = [.eTag: EntityTag(of: writer.bytes).text]
        PageLinks(path: "/runs", parameters: [("limit", "\(list.limit)")], next: next, previous: nil).add(to: &headers)
        return request.json(
            ByteBuffer(bytes: writer.bytes),
            headers: headers,
            latencyMilliseconds: request.context.elapsedMilliseconds
        )
    }

    private func one(_ request: APIRequest) async throws -> Response {
        let id = try request.pathParameter("id")
        guard let run = try await ReadingPool.runShort({ [runs = context.runs] in try runs.presentation(of: id) }) else {
            throw Problem(
                .notFound,
                code: "run_not_found",
                detail: "There is no run `\(id)`. `GET /runs` lists them, newest first."
            )
        }
        return request.jsonObject { run.appendMembers(to: &$0, includingBatches: true) }
    }
}
