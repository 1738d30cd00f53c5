import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import Synchronization
import Telemetry
package import TickerStore

/// The same routes without a server, over a store that nobody has open: what a command shows without a server is what it shows beside one.
package struct LocalAPI: Sendable {
    /// What a route answered with.
    package struct Answer: Sendable {
        package var status: Int
        package var headers: [(name: String, value: String)]

        /// The value of the first field of that name, compared without case.
        package func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    }

    private struct StillRows: RowReading {
        let still: Snapshot
        func snapshot() -> Snapshot { still }
        var statistics: StoreStatistics { StoreStatistics() }
    }

    private let logger: Logger
    private let respond: @Sendable (Request, APIRequestContext) async throws -> Response

    /// - Parameters:
    ///   - snapshot: what is read from.
    ///   - version: the program's.
    ///   - logger: for what goes wrong inside.
    package init(_ snapshot: Snapshot, version: String, logger: Logger) {
        self.logger = logger
        let context = APIContext(
            rows: StillRows(still: snapshot),
            runs: NoRuns(),
            registry: PrometheusRegistry(),
            authenticator: nil,
            version: version
        )
        let table = APIServer.routes(context: context, administration: nil)
        let responder = APIServer.router(table: table, context: context, authenticator: nil).buildResponder()
        respond = { try await responder.respond(to: $0, context: $1) }
    }

    /// Asks for a path with its query.
    ///
    /// - Parameters:
    ///   - uri: from the slash on, percent-encoded.
    ///   - acceptsGzip: whether the body may be compressed.
    ///   - take: called with the pieces of the body, in order, and with the answer they belong to. Returns when it has room for the next.
    package func get(
        _ uri: String,
        acceptsGzip: Bool = false,
        take: @escaping @Sendable (Answer, [UInt8]) async throws -> Void
    ) async throws -> Answer {
        var head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: uri)
        if acceptsGzip { head.headerFields[.acceptEncoding] = "gzip" }
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer()))
        let response = try await respond(request, APIRequestContext(logger: logger))
        let answer = Answer(
            status: response.status.code,
            headers: response.headers.map { ($0.name.rawName, $0.value) }
        )
        try await response.body.write(PieceWriter(answer: answer, take: take))
        return answer
    }
}

/// Gives away what a route writes.
private struct PieceWriter: ResponseBodyWriter {
    let answer: LocalAPI.Answer
    let take: @Sendable (LocalAPI.Answer, [UInt8]) async throws -> Void

    mutating func write(_ buffer: ByteBuffer) async throws { try await take(answer, Array(buffer.readableBytesView)) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
