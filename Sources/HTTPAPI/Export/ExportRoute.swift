import Glibc
import Gzip
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import TickerStore

/// `GET /data/export`: every row that the filters of `/data` mean, in one answer of any length.
///
/// Rows come from one snapshot, in the order that is quickest unless `sort_dir` is given. NDJSON ends with `{"_end":true,"rows":N}`; an answer that
/// broke off has no such line, and its connection is closed in the middle of a chunk.
struct ExportRoute: Sendable {
    let context: APIContext

    var endpoint: Endpoint {
        Endpoint(
            .get,
            "/data/export",
            parameters: ExportRequest.parameters,
            summary: "every row as NDJSON or CSV; ?format=csv&symbol=BTC",
            isPatient: true,
            handle: export
        )
    }

    private func export(_ request: APIRequest) async throws -> Response {
        let wanted = try ExportRequest(request.query)
        let isCompressed = request.request.headers.acceptsGzip
        var headers: HTTPFields = [
            .contentType: wanted.format.contentType,
            .contentDisposition: "attachment; filename=\"\(wanted.fileName)\"",
            .vary: "Accept-Encoding",
            .cacheControl: "no-store",
        ]
        if isCompressed { headers[.contentEncoding] = "gzip" }
        if request.request.method == .head { return Response(status: .ok, headers: headers, body: .unwritten) }
        if context.draining.isRaised {
            throw Problem.unavailable("draining", "The server is shutting down; no export was begun. Ask again when it is back.")
        }
        guard let slot = context.exports.take() else {
            throw Problem(
                .serviceUnavailable,
                code: "too_many_exports",
                detail: "\(context.exports.limit) exports go on already. Ask again when one has ended, or follow `next_cursor` of `/data`.",
                headers: [.retryAfter: "10"]
            )
        }
        let reader = ExportReader(context.rows.snapshot(), wanted, isCompressed: isCompressed)
        let progress = ClientProgress(request.context.channel, patience: context.clientPatience)
        let logger = request.context.logger
        let channel = request.context.channel
        let body = ResponseBody { writer in
            // Whatever ends the answer gives back the slot; so does an answer that was never begun.
            defer { withExtendedLifetime(slot) {} }
            async let _ = progress.watch()
            do {
                var piece = try await ExportPool.run { try reader.next() }
                while let current = piece {
                    // The next piece is read while the client takes this one.
                    async let following = ExportPool.run { try reader.next() }
                    try await progress.write(current, to: &writer)
                    piece = try await following
                }
            } catch {
                if error is StoreError || error is UnreadableLine || error is GzipStream.Failure {
                    logger.error("an export broke off", metadata: ["error": "\(error)"])
                }
                await Self.reset(channel)
                throw error
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}

extension ExportRoute {
    /// Lets the connection end with a reset: where its end is the end of the answer, as in HTTP/1.0, nothing else tells that this is not all.
    fileprivate static func reset(_ channel: (any Channel)?) async {
        try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
}

/// Threads that read for exports. Not those of `ReadingPool`: pages must not wait behind them.
enum ExportPool {
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()

    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.runIfActive(body)
    }
}
