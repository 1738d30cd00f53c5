import Gzip
import HTTPTypes
import Hummingbird
import NIOCore

/// Packs answers for clients that take gzip (RFC 9110 section 12.5.3).
enum Compression {
    /// Shorter bodies are not worth it: one packet has room for them.
    static let leastBytes = 1 << 10
    /// Longer ones are packed on a thread that may take its time.
    private static let longestAtOnce = 32 << 10

    /// Says that the answer depends on what the client takes, where it does.
    static func markVariants(_ response: inout Response) {
        if isPackable(response) { response.headers.addVary("Accept-Encoding") }
    }

    /// The answer itself, or the same with its body packed. Bodies whose length is not known are streams, which pack themselves.
    static func apply(to response: Response, of request: Request) async throws -> Response {
        guard isPackable(response), let length = response.body.contentLength, request.headers.acceptsGzip else { return response }
        var response = response
        let collected = CollectedBody()
        try await response.body.write(collected)
        let plain = collected.bytes
        guard let packed = length <= longestAtOnce ? pack(plain) : try await ReadingPool.runShort({ pack(plain) }) else { return response }
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = nil
        return Response(status: response.status, headers: response.headers, body: ResponseBody(byteBuffer: packed))
    }

    /// nil when there is no memory for it: the plain body does as well.
    private static func pack(_ plain: ByteBuffer) -> ByteBuffer? {
        var packed: [UInt8] = []
        do throws(GzipStream.Failure) {
            try GzipStream().compress(Array(plain.readableBytesView), isLast: true, to: &packed)
        } catch {
            return nil
        }
        return ByteBuffer(bytes: packed)
    }

    private static func isPackable(_ response: Response) -> Bool {
        (response.body.contentLength ?? 0) > leastBytes && response.headers[.contentEncoding] == nil && isText(response.headers[.contentType])
    }

    private static func isText(_ type: String?) -> Bool {
        guard let type else { return false }
        return type.hasPrefix("text/") || type.contains("json") || type.contains("javascript") || type.contains("xml")
    }
}

/// Takes a body that is in memory already.
private final class CollectedBody: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws {
        var buffer = buffer
        if bytes.readableBytes == 0 { bytes = buffer } else { bytes.writeBuffer(&buffer) }
    }

    func finish(_: HTTPFields?) async throws {}
}

extension HTTPFields {
    /// Whether `Accept-Encoding` lets gzip in.
    var acceptsGzip: Bool {
        let lines = self[values: .acceptEncoding]
        return !lines.isEmpty && AcceptedValues(lines).accept("gzip")
    }
}
