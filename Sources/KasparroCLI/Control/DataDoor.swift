import HTTPAPI
import Logging
import MarketData
import Synchronization
import TickerStore
import Transfer

/// The routes that read rows: of the server that has the store open, or the same routes over the store's files, of which no byte is changed.
enum DataDoor: Sendable {
    case server(RunningServer)
    case files(LocalAPI)

    /// - Throws: `CommandFailure`.
    static func open(_ directory: String) async throws -> DataDoor {
        if let server = try await RunningServer.find(directory) { return .server(server) }
        do throws(StoreError) {
            let snapshot = try await OwnThread.run { () throws(StoreError) in try StoreStatus.snapshot(path: directory, fileSystem: PosixFileSystem())
            }
            return .files(LocalAPI(snapshot, version: BuildInformation.version, logger: Logger(label: "kasparro", factory: { _ in ErrorLog() })))
        } catch {
            throw CommandFailure(ExitStatus(error.kind), error.message)
        }
    }

    /// Asks a route.
    ///
    /// - Parameters:
    ///   - acceptsGzip: whether the body may be compressed.
    ///   - take: takes the pieces of the body, on a thread that may block.
    /// - Returns: The value of a header field by its name, compared without case.
    /// - Throws: `CommandFailure`.
    func get(
        _ path: String,
        query: [(name: String, value: String)],
        acceptsGzip: Bool = false,
        take: @escaping @Sendable (UnsafeRawBufferPointer) throws(CommandFailure) -> Void
    ) async throws -> @Sendable (String) -> String? {
        switch self {
        case .server(let server):
            let refusal = Mutex<CommandFailure?>(nil)
            do {
                let headers = try await server.download(path, query: query, acceptsGzip: acceptsGzip) { piece in
                    do throws(CommandFailure) {
                        try take(piece)
                        return true
                    } catch {
                        refusal.withLock { $0 = error }
                        return false
                    }
                }
                return { name in headers.first { $0.name.lowercased() == name.lowercased() }?.value }
            } catch {
                throw refusal.withLock { $0 } ?? error
            }
        case .files(let local):
            let text = query.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
            let refused = Mutex<[UInt8]>([])
            let answer: LocalAPI.Answer
            do {
                answer = try await local.get(path + (text.isEmpty ? "" : "?" + text), acceptsGzip: acceptsGzip) { answer, piece in
                    if !(200..<300).contains(answer.status) { return refused.withLock { $0 += piece } }
                    try await OwnThread.run { () throws(CommandFailure) in
                        let result = piece.withUnsafeBytes { bytes -> Result<Void, CommandFailure> in
                            do throws(CommandFailure) { return .success(try take(bytes)) } catch { return .failure(error) }
                        }
                        try result.get()
                    }
                }
            } catch let error as StoreError {
                throw CommandFailure(ExitStatus(error.kind), error.message)
            }
            if !(200..<300).contains(answer.status) {
                guard let problem = try? JSONDocument(parsing: refused.withLock { $0 }).root else {
                    throw CommandFailure(.failure, "the rows could not be read (\(answer.status))")
                }
                throw CommandFailure(problem: problem, status: answer.status)
            }
            return { answer.header($0) }
        }
    }
}

/// What goes wrong inside a route of this process, on standard error.
private struct ErrorLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.error

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        writeError("kasparro: \(event.message): \(event.metadata?["error"].map { "\($0)" } ?? "")")
    }
}
