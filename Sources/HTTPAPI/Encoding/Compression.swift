import HTTPTypes
import Hummingbird
import NIOCore

/// Packs answers for clients that take gzip (RFC 9110 section 12.5.3).
enum Compression {
    /// Shorter bodies are not worth it: one packet has room for them.
    static let leastBytes = 1 << 10
    /// Longer ones are packed on a thread that may take its time.
    private static let longestAtOnce = 32 << 10

    /// The answer itself, or the same with its body packed. Bodies whose length is not known are streams, which pack themselves.
    static func apply(to response: Response, of request: Request) async throws -> Response {
        guard let length = response.body.contentLength, length > leastBytes, response.headers[.contentEncoding] == nil,
            isText(response.headers[.contentType])
        else { return response }
        var response = response
        response.headers.addVary("Accept-Encoding")
        guard request.headers.acceptsGzip else { return response }
        let collected = CollectedBody()
        try await response.body.write(collected)
        let plain = collected.bytes
        guard let packed = length <= longestAtOnce ? pack(plain) : try await ReadingPool.run({ pack(plain) }) else { return response }
        response.headers[.contentEncoding] = "gzip"
        response.headers[.contentLength] = nil
        return Response(status: response.status, headers: response.headers, body: ResponseBody(byteBuffer: packed))
    }

    /// nil when there is no memory for it: the plain body does as well.
    private static func pack(_ plain: ByteBuffer) -> ByteBuffer? {
        guard let stream = GzipStream() else { return nil }
        var packed = ByteBuffer()
        packed.reserveCapacity(plain.readableBytes / 4)
        plain.withUnsafeReadableBytes { stream.append($0, to: &packed) }
        stream.finish(to: &packed)
        return packed
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
    /// Whether `Accept-Encoding` lets gzip in: named, or meant by `*`, and not with the weight 0.
    var acceptsGzip: Bool {
        var star = false
        for line in self[values: .acceptEncoding] {
            for element in line.split(separator: ",") {
                let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
                guard let name = parts.first else { continue }
                let isRefused = parts.dropFirst().contains { part in
                    part.hasPrefix("q=") && part.dropFirst(2).allSatisfy { $0 == "0" || $0 == "." }
                }
                if name == "gzip" || name == "x-gzip" { return !isRefused }
                if name == "*" { star = !isRefused }
            }
        }
        return star
    }
}
