import Glibc
import HTTPAPI
import MarketData
import TickerStore

/// The quarantine of a store: through the server that has it open, or read from its files, of which no byte is changed.
enum QuarantineDoor: Sendable {
    case server(RunningServer)
    case files(Snapshot)

    /// - Throws: `CommandFailure`.
    static func open(_ directory: String) async throws -> QuarantineDoor {
        if let server = try await RunningServer.find(directory) { return .server(server) }
        do throws(StoreError) {
            return .files(
                try await OwnThread.run { () throws(StoreError) in try StoreStatus.snapshot(path: directory, fileSystem: PosixFileSystem()) }
            )
        } catch {
            throw CommandFailure(ExitStatus(error.kind), error.message)
        }
    }

    /// A page of the records that a filter means, newest first.
    func page(_ filter: QuarantineFilter, before position: QuarantinePosition?, limit: Int) async throws -> QuarantinePage {
        switch self {
        case .files(let snapshot):
            return try await work { () throws(StoreError) in
                try snapshot.quarantined(source: filter.source, reason: filter.reason, before: position, limit: limit)
            }
        case .server(let server):
            var query = filter.query + [("limit", "\(limit)")]
            if let position { query.append(("before", position.text)) }
            let answer = try await server.get("/admin/quarantine", query: query)
            guard let records = answer.member("records")?.elements else { throw RunningServer.unreadable("quarantine") }
            var page = QuarantinePage()
            page.records = try records.map { value in
                guard let record = WaitingRecord(value) else { throw RunningServer.unreadable("quarantine") }
                return record
            }
            page.next = answer.member("next")?.string.flatMap { QuarantinePosition($0) }
            return page
        }
    }

    /// The record with an id, which may be abbreviated.
    ///
    /// - Throws: `CommandFailure` when there is none or several.
    func record(_ id: String) async throws -> WaitingRecord {
        switch self {
        case .files(let snapshot):
            let match = try await work { () throws(StoreError) in try QuarantineMatch(id, in: snapshot) }
            switch match {
            case .record(let record): return record
            case .malformed, .several: throw CommandFailure(.usage, match.refusal(of: id)!)
            case .nothing: throw CommandFailure(.failure, match.refusal(of: id)!)
            }
        case .server(let server):
            guard id.utf8.allSatisfy({ isxdigit(Int32($0)) != 0 }), !id.isEmpty else {
                throw CommandFailure(.usage, QuarantineMatch.malformed.refusal(of: id)!)
            }
            guard let record = try await server.get("/admin/quarantine/\(id)").member("record").flatMap({ WaitingRecord($0) }) else {
                throw RunningServer.unreadable("quarantine")
            }
            return record
        }
    }

    /// How many records a filter means.
    func count(_ filter: QuarantineFilter) async throws -> Int {
        switch self {
        case .files(let snapshot):
            return try await work { () throws(StoreError) in
                var walk = try QuarantineWalk(snapshot, filter)
                return try walk.count()
            }
        case .server(let server): return try await Self.purge(filter, isDry: true, server)
        }
    }

    /// Has a server take out the records that a filter means, or count them.
    static func purge(_ filter: QuarantineFilter, isDry: Bool, _ server: RunningServer) async throws -> Int {
        var query = filter.query + [("dry_run", isDry ? "true" : "false")]
        if filter.isEmpty { query.append(("all", "true")) }
        guard let count = try await server.post("/admin/quarantine/purge", query: query).member("records")?.integer else {
            throw RunningServer.unreadable("purge")
        }
        return Int(count)
    }

    private func work<Value: Sendable>(_ body: @escaping @Sendable () throws(StoreError) -> Value) async throws -> Value {
        do throws(StoreError) {
            return try await OwnThread.run(body)
        } catch {
            throw CommandFailure(ExitStatus(error.kind), error.message)
        }
    }
}

extension QuarantineFilter {
    /// As query parameters of the admin routes.
    fileprivate var query: [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        if let source { query.append(("source", source)) }
        if let reason { query.append(("reason", reason)) }
        if let recordedBefore { query.append(("recorded_before", recordedBefore.description)) }
        return query
    }
}
