import Glibc
import HTTPAPI
import Hummingbird
import Logging
import ServiceLifecycle
import TickerStore

/// The server's second door, `<data-dir>/control.sock`: the way in for the other commands of this program (spec section 11).
///
/// The socket is made in a directory that only its owner can enter, and moved to its name when its mode is 0600: nobody else can connect to it
/// even for a moment. A server that cannot have the socket says so once and goes on without it.
struct ControlSocket: Service {
    static let fileName = "control.sock"
    private static let nurseryName = ".control"

    private let dataDirectory: String
    private let fileSystem: any FileSystem
    private let context: APIContext
    private var administration: Administration
    private let logger: Logger
    private let opening = AsyncStream<Never>.makeStream()

    private var path: String { dataDirectory + "/" + Self.fileName }
    private var nursery: String { dataDirectory + "/" + Self.nurseryName }

    init(_ parts: Composition, context: APIContext) {
        dataDirectory = parts.dataDirectory
        fileSystem = parts.fileSystem
        self.context = context
        administration = Administration(store: parts.store, dataDirectory: parts.dataDirectory, processID: getpid())
        administration.lastBackup = parts.lastBackup
        logger = parts.logger
    }

    /// Returns when commands are answered, or when it is known that they will not be. Call it once.
    func waitUntilOpen() async {
        for await _ in opening.stream {}
    }

    func run() async throws {
        do {
            try await serve()
        } catch {
            if !Task.isCancelled { logger.warning("there is no control socket, so commands beside this server will not work: \(error)") }
        }
        await OwnThread.run { removeFiles() }
        opening.continuation.finish()
        // A service that returns early ends the server.
        try? await gracefulShutdown()
    }

    private func serve() async throws {
        let name = try await OwnThread.run { () throws(FileError) in try prepare() }
        let application = APIServer.controlApplication(
            context: context,
            administration: administration,
            socketPath: name.path,
            logger: logger
        ) {
            do throws(FileError) {
                try await OwnThread.run { () throws(FileError) in try publish() }
            } catch {
                // A server that cannot start takes its files away while this socket is still being opened.
                if !Task.isCancelled, error.code != FileError.notFound {
                    logger.warning("there is no control socket, so commands beside this server will not work: \(error)")
                }
            }
            opening.continuation.finish()
        }
        try await application.run()
    }

    /// Takes away what a process left behind that was killed: the lock on the data directory is ours, so nobody listens there any more.
    private func prepare() throws(FileError) -> SocketName {
        removeFiles()
        if try fileSystem.status(nursery) == nil { try fileSystem.makeDirectory(nursery) }
        try fileSystem.restrictToOwner(nursery)
        return try SocketName("s", in: nursery)
    }

    private func publish() throws(FileError) {
        try fileSystem.restrictToOwner(nursery + "/s")
        // The address of a socket is its file, whatever the name.
        try fileSystem.rename(nursery + "/s", to: path)
        try fileSystem.removeDirectory(nursery)
    }

    private func removeFiles() {
        try? fileSystem.remove(path)
        try? fileSystem.remove(nursery + "/s")
        try? fileSystem.removeDirectory(nursery)
    }
}
