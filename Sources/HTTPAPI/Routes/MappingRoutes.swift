import Hummingbird
import Ingest
import Logging
import MarketData

/// `/admin/mappings`: what `kasparro mappings` asks of a running server.
struct MappingRoutes: Sendable {
    let context: APIContext

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/admin/mappings", parameters: ["source"], summary: "which fields of the sources give which", handle: list),
            Endpoint(
                .post,
                "/admin/mappings",
                parameters: ["action", "source", "field", "target"],
                summary: "approves, forbids or resets a mapping",
                handle: change
            ),
        ]
    }

    private func list(_ request: APIRequest) async throws -> Response {
        let source = try request.query.single("source")
        let entries: [MappingEntry]
        do throws(MappingChange.Failure) {
            entries = try context.runs.mappings(source: source)
        } catch {
            throw Problem.invalidParameter("source", error.description)
        }
        return request.jsonObject { writer in
            writer.array("mappings", entries) { writer, entry in
                writer.beginObject()
                entry.appendMembers(to: &writer)
                writer.endObject()
            }
        }
    }

    private func change(_ request: APIRequest) async throws -> Response {
        guard let action = try request.query.single("action").flatMap(MappingChange.Action.init) else {
            throw Problem.invalidParameter("action", "One of \(MappingChange.Action.allCases.map(\.rawValue).joined(separator: ", ")) is expected.")
        }
        guard let source = try request.query.single("source") else {
            throw Problem.invalidParameter("source", "The name of a source is expected.")
        }
        let change = MappingChange(
            action: action,
            source: source,
            field: try request.query.single("field"),
            target: try request.query.single("target")
        )
        do throws(MappingChange.Failure) {
            let said = try await OwnThread.run { [runs = context.runs] () throws(MappingChange.Failure) in try runs.change(change) }
            var metadata: Logger.Metadata = ["action": "\(action.rawValue)", "source": "\(source)"]
            metadata["field"] = change.field.map { "\($0)" }
            metadata["target"] = change.target.map { "\($0)" }
            request.told(of: "a change of mappings", metadata)
            return request.jsonObject { $0.member("message", said) }
        } catch {
            if error.isOfStore { throw Problem.unavailable("store_read_only", error.description) }
            throw Problem.invalidParameter("field", error.description)
        }
    }
}
