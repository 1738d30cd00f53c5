import Glibc
import HTTPAPI
import TickerStore

/// Does a piece of work on a store: by opening it, or, while a server has it open, through that server.
struct StoreDoor: Sendable {
    let dataDirectory: String
    /// The command, for `LOCK`.
    let command: String
    let fileSystem: any FileSystem = PosixFileSystem()

    /// - Parameters:
    ///   - beside: asks the server.
    ///   - alone: the same without one. Runs on a thread of its own.
    /// - Throws: `CommandFailure`.
    func work<Report: Sendable>(
        beside: (RunningServer) async throws -> Report,
        alone: @escaping @Sendable (Store) throws(StoreError) -> Report
    ) async throws -> Report {
        do throws(StoreError) {
            return try await OwnThread.run { () throws(StoreError) in try open(alone) }
        } catch {
            guard error.kind == .locked else { throw CommandFailure(ExitStatus(error.kind), error.message) }
            guard let server = try await RunningServer.find(dataDirectory) else { throw Self.unanswered(error, dataDirectory) }
            return try await beside(server)
        }
    }

    private func open<Report>(_ work: (Store) throws(StoreError) -> Report) throws(StoreError) -> Report {
        var options = StoreOptions(holder: LockText.make(command: command))
        // What is kept how long is the server's business: a backup must not be the one that drops something.
        options.retention = Retention(rows: nil, raw: nil, quarantine: nil)
        options.progress = { writeError("kasparro: \($0)") }
        try StoreOwner.refuseRoot(dataDirectory)
        let store = try Store(path: dataDirectory, fileSystem: fileSystem, options: options)
        for note in store.openingNotes { writeError("kasparro: \(note)") }
        let report: Report
        do throws(StoreError) {
            report = try work(store)
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
        return report
    }

    /// The lock is held, and nobody takes commands.
    static func unanswered(_ error: StoreError, _ dataDirectory: String) -> CommandFailure {
        CommandFailure(
            .locked,
            "\(error.message). It does not answer on \(dataDirectory)/\(ControlSocket.fileName): "
                + "a server that is just starting will in a moment, another command never does"
        )
    }
}
