import Hummingbird
import Ingest
import Logging
import MarketData
import TickerStore

/// `POST /admin/import`: stores rows of an export, and answers when they are durable. Only the control socket has it.
struct ImportRoute: Sendable {
    /// Of a request: what the server takes of a body.
    static let longestBody = 1 << 20

    let store: any StoreAdministration
    let draining: DrainFlag

    var endpoint: Endpoint {
        Endpoint(
            .post,
            "/admin/import",
            parameters: ["id", "first_batch"],
            summary: "stores rows of an export; the body is their lines",
            handle: take
        )
    }

    private func take(_ request: APIRequest) async throws -> Response {
        guard let id = try request.query.single("id"), RowImport.isID(id) else {
            throw Problem.invalidParameter("id", "`id` must name the import, as import_20241215_143022_abc123 does.")
        }
        let first = try request.query.integer("first_batch", in: 1...Int(UInt32.max)) ?? 1
        if draining.isRaised {
            throw Problem.unavailable(
                "draining",
                "The server is shutting down; the rows were not stored. Import again when it is back: what is there is skipped."
            )
        }
        let body = try await request.request.body.collect(upTo: Self.longestBody)
        let lines = Array(body.readableBytesView)
        let result = await OwnThread.run { [store] in Self.store(lines, id, first, in: store) }
        let report = try result.get()
        // An import is many requests; one line says that it has begun, and under which name its rows are.
        if first == 1 { request.context.logger.info("an import began", metadata: ["import": "\(id)"]) }
        return request.jsonObject { report.appendMembers(to: &$0) }
    }

    private static func store(_ lines: [UInt8], _ id: String, _ first: Int, in store: any StoreAdministration) -> Result<ImportReport, Problem> {
        var rows = RowImport(runID: id, now: Timestamp(milliseconds: currentMilliseconds()), number: first)
        var report = ImportReport()
        var problem: Problem?
        do throws(StoreError) {
            for (index, line) in lines.split(separator: 0x0A).enumerated() {
                let full: Batch?
                do throws(ImportProblem) {
                    full = try rows.add(Array(line))
                } catch {
                    // What came before it is a part of the import all the same.
                    problem = Problem(.badRequest, code: "invalid_row", detail: "Line \(index + 1) of the body: \(error).")
                    break
                }
                if let full { report.add(try store.commit(full), batch: full) }
            }
            while let batch = rows.takeRest() { report.add(try store.commit(batch), batch: batch) }
        } catch {
            return .failure(Problem(error))
        }
        return problem.map { .failure($0) } ?? .success(report)
    }
}
