import HTTPAPI
import MarketData
import TickerStore
import Transfer

/// The server that has a data directory open, asked through its control socket.
struct RunningServer: Sendable {
    let dataDirectory: String
    private let client: ControlClient
    private let name: SocketName

    /// The server of a data directory; nil when nobody answers there.
    ///
    /// - Throws: `CommandFailure`, when somebody is there and cannot be spoken to.
    static func find(_ dataDirectory: String) async throws -> RunningServer? {
        // A directory that is missing, or that we may not enter, has no server for us; opening the store will say more.
        guard let name = try? SocketName(ControlSocket.fileName, in: dataDirectory) else { return nil }
        let server = RunningServer(
            dataDirectory: dataDirectory,
            client: ControlClient(socketPath: name.path, userAgent: BuildInformation.userAgent),
            name: name
        )
        do throws(FetchError) {
            _ = try await server.client.get("/livez")
            return server
        } catch {
            if error.kind == .refusedConnection { return nil }
            throw CommandFailure(.failure, "the server of \(dataDirectory) cannot be reached: \(error.message)")
        }
    }

    /// The JSON that a route answers with.
    ///
    /// - Parameter path: from the slash on, percent-encoded.
    /// - Throws: `CommandFailure`.
    func get(_ path: String, query: [(name: String, value: String)] = []) async throws -> JSONValue {
        try await answer { client throws(FetchError) in try await client.get(path, query: query) }
    }

    /// The same for a route that does something.
    func post(_ path: String, query: [(name: String, value: String)] = []) async throws -> JSONValue {
        try await answer { client throws(FetchError) in try await client.post(path, query: query) }
    }

    /// The same with a body, for rows.
    func post(_ path: String, query: [(name: String, value: String)], lines: [UInt8]) async throws -> JSONValue {
        try await answer { client throws(FetchError) in
            try await client.post(path, query: query, body: lines, contentType: "application/x-ndjson")
        }
    }

    /// An answer of any length.
    ///
    /// - Parameter take: takes the pieces of the body, on a thread that may block; false ends it.
    /// - Returns: Its header fields.
    /// - Throws: `CommandFailure`.
    func download(
        _ path: String,
        query: [(name: String, value: String)],
        acceptsGzip: Bool,
        take: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws -> [(name: String, value: String)] {
        let response: FetchResponse
        do throws(FetchError) {
            response = try await client.download(path, query: query, acceptsGzip: acceptsGzip, take: take)
        } catch {
            throw failure(error)
        }
        if !(200..<300).contains(response.status) { _ = try body(of: response) }
        return response.headers
    }

    private func answer(to request: (ControlClient) async throws(FetchError) -> FetchResponse) async throws -> JSONValue {
        let response: FetchResponse
        do throws(FetchError) {
            response = try await request(client)
        } catch {
            throw failure(error)
        }
        return try body(of: response)
    }

    private func body(of response: FetchResponse) throws -> JSONValue {
        guard let root = try? JSONDocument(parsing: response.body).root else {
            throw CommandFailure(.failure, "the server of \(dataDirectory) answered \(response.status) and no JSON; is it kasparro?")
        }
        guard (200..<300).contains(response.status) else { throw CommandFailure(problem: root, status: response.status) }
        return root
    }

    /// An answer without what belongs into it.
    static func unreadable(_ what: String) -> CommandFailure {
        CommandFailure(.failure, "the server's report of the \(what) cannot be read; it is of another version than this command")
    }

    private func failure(_ error: FetchError) -> CommandFailure {
        CommandFailure(.failure, "the server of \(dataDirectory) broke off: \(error.message)")
    }
}

extension CommandFailure {
    /// What a route refused, and why.
    init(problem: JSONValue, status: Int) {
        let code = problem.member("code")?.string ?? ""
        let detail = problem.member("detail")?.string ?? "the server answered \(status)"
        self.init(ExitStatus(problemCode: code), code == "not_found" ? detail + " The server is of another version." : detail)
    }
}

extension ExitStatus {
    /// What a problem document's `code` means for a command.
    fileprivate init(problemCode: String) {
        self =
            switch problemCode {
            case "invalid_parameter", "unknown_parameter", "invalid_cursor", "contradicts_cursor": .usage
            case "invalid_row": .corruptData
            case StoreProblemCode.corrupt: .corruptData
            case StoreProblemCode.cannotCreate: .cannotCreate
            case StoreProblemCode.locked: .locked
            case StoreProblemCode.permission: .permission
            default: .failure
            }
    }
}
