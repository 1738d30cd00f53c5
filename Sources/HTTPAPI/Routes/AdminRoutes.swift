import Hummingbird
import Ingest
import Logging
import MarketData
import Synchronization
import TickerStore

/// `/admin/…`: what the store commands ask of a running server. Only the control socket has these routes.
struct AdminRoutes: Sendable {
    private let context: APIContext
    private let administration: Administration
    private let turn = MaintenanceTurn()

    init(context: APIContext, administration: Administration) {
        self.context = context
        self.administration = administration
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/admin/status", summary: "the process and its store", handle: status),
            Endpoint(.post, "/admin/compact", summary: "merges segments and drops superseded rows") { request in
                let report = try await maintain("compact", request) { store throws(StoreError) in
                    try store.compact()
                } told: {
                    [
                        "segments_before": "\($0.segmentsBefore)", "segments_after": "\($0.segmentsAfter)",
                        "bytes_before": "\($0.bytesBefore)", "bytes_after": "\($0.bytesAfter)",
                    ]
                }
                return request.jsonObject { report.appendMembers(to: &$0) }
            },
            Endpoint(
                .post,
                "/admin/backup",
                parameters: BackupRequest.parameters,
                summary: "writes a consistent copy of the store to path",
                handle: backup
            ),
            Endpoint(.post, "/admin/preview", parameters: ["source"], summary: "looks at a source and stores nothing", handle: preview),
            Endpoint(.post, "/admin/seal", summary: "puts everything stored so far into segments") { request in
                try await maintain("seal", request) { store throws(StoreError) in try store.seal() }
                return request.jsonObject { $0.member("status", "sealed") }
            },
            ImportRoute(store: administration.store, draining: context.draining).endpoint,
        ] + QuarantineAdminRoutes(store: administration.store, draining: context.draining).endpoints
    }

    private func status(_ request: APIRequest) async throws -> Response {
        let statistics = context.rows.statistics
        return request.jsonObject { writer in
            writer.member("data_dir", administration.dataDirectory)
            writer.member("pid", Int(administration.processID))
            writer.member("version", context.version)
            writer.member("uptime_seconds", Int((ContinuousClock.now - context.startedAt).components.seconds))
            writer.member("run_in_progress", context.runs.statistics().runInProgress)
            writer.member("maintenance", turn.current)
            writer.key("counts")
            context.rows.snapshot().counts.append(to: &writer)
            writer.key("store")
            statistics.append(to: &writer)
            writer.member("store_reason", statistics.refusal)
            writer.key("alerts")
            context.alerts().append(to: &writer, includingErrors: true)
        }
    }

    private func preview(_ request: APIRequest) async throws -> Response {
        guard let source = try request.query.single("source") else {
            throw Problem.invalidParameter("source", "The name of a source is expected.")
        }
        do throws(RefreshError) {
            let report = try await OwnThread.run { [runs = context.runs] () throws(RefreshError) in try runs.preview(source: source) }
            return request.jsonObject { report.appendMembers(to: &$0) }
        } catch {
            throw Problem(error)
        }
    }

    private func backup(_ request: APIRequest) async throws -> Response {
        let wanted = try await BackupRequest(request)
        let (lastBackup, now) = (administration.lastBackup, context.now)
        let report = try await maintain("backup", request) { store throws(StoreError) in
            let report = try store.backup(to: wanted.path, copy: wanted.copies, extras: wanted.extras)
            lastBackup.note(at: now().milliseconds, in: store)
            return report
        } told: {
            ["path": "\($0.path)", "rows": "\($0.rows)", "files": "\($0.files)"]
        }
        return request.jsonObject { report.appendMembers(to: &$0) }
    }

    /// One piece of maintenance at a time: a second one would wait for hours without a word.
    ///
    /// - Parameter told: What the log says of the result.
    private func maintain<Report: Sendable>(
        _ name: String,
        _ request: APIRequest,
        _ work: @escaping @Sendable (any StoreAdministration) throws(StoreError) -> Report,
        told: (Report) -> Logger.Metadata = { _ in [:] }
    ) async throws(Problem) -> Report {
        if context.draining.isRaised {
            throw .unavailable("draining", "The server is shutting down; nothing was begun. Ask again when it is back.")
        }
        if let other = turn.begin(name) {
            throw Problem(
                .conflict,
                code: "maintenance_in_progress",
                detail: "The server is busy with \(other == name ? "another " : "a ")\(other). Ask again when it has ended."
            )
        }
        defer { turn.end() }
        do throws(StoreError) {
            let report = try await OwnThread.run { [store = administration.store] () throws(StoreError) in try work(store) }
            request.told(of: name == "compact" ? "a compaction" : "a \(name)", told(report))
            return report
        } catch {
            throw Problem(error)
        }
    }
}

/// Which piece of maintenance goes on, if any.
private final class MaintenanceTurn: Sendable {
    private let name = Mutex<String?>(nil)

    var current: String? { name.withLock { $0 } }

    /// Takes the turn and gives nil, or gives the name of what has it.
    func begin(_ work: String) -> String? {
        name.withLock { name in
            if let name { return name }
            name = work
            return nil
        }
    }

    func end() { name.withLock { $0 = nil } }
}
