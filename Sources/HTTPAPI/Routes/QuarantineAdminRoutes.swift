import HTTPTypes
import Hummingbird
import Logging
import MarketData
import TickerStore

/// `/admin/quarantine…`: what the quarantine commands ask of a running server. Only the control socket has these routes.
struct QuarantineAdminRoutes: Sendable {
    private let store: any QuarantineAdministration
    private let draining: DrainFlag

    init(store: any QuarantineAdministration, draining: DrainFlag) {
        self.store = store
        self.draining = draining
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/admin/quarantine",
                parameters: ["source", "reason", "before", "limit"],
                summary: "quarantined records, newest first",
                handle: list
            ),
            Endpoint(
                .post,
                "/admin/quarantine/purge",
                parameters: ["source", "reason", "recorded_before", "all", "dry_run"],
                summary: "takes quarantined records out, or counts them",
                handle: purge
            ),
            Endpoint(.get, "/admin/quarantine/{id}", summary: "one quarantined record; its id may be abbreviated", handle: one),
        ]
    }

    private func list(_ request: APIRequest) async throws -> Response {
        let query = request.query
        let (source, reason) = (try query.single("source"), try query.single("reason"))
        let limit = try query.integer("limit", in: 1...1_000) ?? 20
        let position = try query.single("before").map { text in
            guard let position = QuarantinePosition(text) else {
                throw Problem.invalidParameter("before", "`before` must be the `next` of an answer, not `\(text)`.")
            }
            return position
        }
        let page = try await work { store throws(StoreError) in
            try store.quarantined(source: source, reason: reason, before: position, limit: limit)
        }
        return request.jsonObject { writer in
            writer.quarantined("records", page.records)
            writer.member("next", page.next?.text)
        }
    }

    private func one(_ request: APIRequest) async throws -> Response {
        let id = try request.pathParameter("id")
        let record = try await work { store throws(StoreError) in try store.quarantined(abbreviated: id) }.found(id)
        return request.jsonObject { $0.quarantined("record", record) }
    }

    private func purge(_ request: APIRequest) async throws -> Response {
        let query = request.query
        let filter = QuarantineFilter(
            source: try query.single("source"),
            reason: try query.single("reason"),
            recordedBefore: try query.single("recorded_before").map { try TimeText.parse($0, of: "recorded_before") }
        )
        if filter.isEmpty, try query.choice("all", of: ["true", "false"]) != "true" {
            throw Problem.invalidParameter("all", "No filter was given. `all=true` takes out every quarantined record.")
        }
        let isDry = try query.choice("dry_run", of: ["true", "false"]) == "true"
        if draining.isRaised, !isDry {
            throw Problem.unavailable("draining", "The server is shutting down; nothing was taken out. Ask again when it is back.")
        }
        let count = try await work { store throws(StoreError) in
            isDry ? try store.countQuarantined(filter) : try store.purgeQuarantined(filter)
        }
        if !isDry {
            var metadata: Logger.Metadata = ["records": "\(count)"]
            metadata["source"] = filter.source.map { "\($0)" }
            metadata["reason"] = filter.reason.map { "\($0)" }
            metadata["recorded_before"] = filter.recordedBefore.map { "\($0)" }
            request.told(of: "a purge of the quarantine", metadata)
        }
        return request.jsonObject { writer in
            writer.member("records", count)
            writer.member("purged", !isDry)
        }
    }

    private func work<Value: Sendable>(
        _ body: @escaping @Sendable (any QuarantineAdministration) throws(StoreError) -> Value
    ) async throws(Problem) -> Value {
        do throws(StoreError) {
            return try await OwnThread.run { [store] () throws(StoreError) in try body(store) }
        } catch {
            throw Problem(error)
        }
    }
}
