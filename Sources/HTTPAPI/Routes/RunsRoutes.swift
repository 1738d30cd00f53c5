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
        let query = request.query
        let limit = try query.integer("limit", in: 1...100) ?? 20
        var status = try query.choice("status", of: Self.statuses)
        var source = try query.single("source")
        var before: Int?
        if let text = try query.single("cursor") {
            guard let cursor = RunCursor(text) else { throw Problem.brokenCursor }
            if let status, status != cursor.status { throw Problem.contradictsCursor("status") }
            if let source, source != cursor.source { throw Problem.contradictsCursor("source") }
            (before, status, source) = (cursor.sequence, cursor.status, cursor.source)
        }
        let page = try await ReadingPool.run { [runs = context.runs, before, status, source] in
            try runs.runs(limit: limit, before: before, status: status, source: source)
        }
        var writer = JSONWriter()
        writer.beginArray()
        for run in page.runs {
            writer.beginObject()
            run.appendMembers(to: &writer, includingBatches: false)
            writer.endObject()
        }
        writer.endArray()
        let next = page.next.map { RunCursor(sequence: $0, status: status, source: source).text }
        var headers: HTTPFields = [.eTag: EntityTag(of: writer.bytes).text]
        PageLinks(path: "/runs", parameters: [("limit", "\(limit)")], next: next, previous: nil).add(to: &headers)
        return request.json(
            ByteBuffer(bytes: writer.bytes),
            headers: headers,
            latencyMilliseconds: request.context.elapsedMilliseconds
        )
    }

    private func one(_ request: APIRequest) async throws -> Response {
        let id = try request.pathParameter("id")
        guard let run = try await ReadingPool.run({ [runs = context.runs] in try runs.presentation(of: id) }) else {
            throw Problem(
                .notFound,
                code: "run_not_found",
                detail: "There is no run `\(id)`. `GET /runs` lists them, newest first."
            )
        }
        return request.jsonObject { run.appendMembers(to: &$0, includingBatches: true) }
    }
}
