import HTTPAPI
import Ingest
import TickerStore

/// Does a piece of work with the sources and their store: in this process, or, while a server has the data directory open, through that server.
struct RunsDoor {
    let configuration: Configuration
    /// What is kept how long is not this command's business.
    var keepsEverything = false
    /// The command, for `LOCK`.
    let command: String

    /// - Parameters:
    ///   - beside: asks the server.
    ///   - alone: the same without one. Runs on a thread of its own.
    /// - Throws: `CommandFailure`, and what the two throw.
    func work<Report: Sendable, Failure: Error>(
        beside: (RunningServer) async throws -> Report,
        alone: @escaping @Sendable (RunService) throws(Failure) -> Report
    ) async throws -> Report {
        let parts: Composition
        do {
            parts = try Composition(configuration, keepsEverything: keepsEverything, holder: LockText.make(command: command))
        } catch let failure as CommandFailure where failure.code == .locked {
            let directory = try Settings.dataDirectory.resolve(configuration)
            guard let server = try await RunningServer.find(directory) else {
                throw StoreDoor.unanswered(StoreError(.locked, failure.message), directory)
            }
            return try await beside(server)
        }
        defer { try? parts.store.close() }
        return try await OwnThread.run { [runs = parts.runs] () throws(Failure) in try alone(runs) }
    }
}
