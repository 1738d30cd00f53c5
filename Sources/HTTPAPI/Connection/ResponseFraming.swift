import HTTPTypes
import NIOHTTP1

/// How the end of an answer is told (RFC 9112 section 6.3): by its length, else by a last chunk, else by the end of the connection.
///
/// NIO's encoder could do this, but knows no requests: to HEAD it would say chunks and send the last one, which a client takes for the next answer.
enum ResponseFraming {
    /// For an encoder that leaves the fields as they are.
    static var encoder: HTTPResponseEncoder.Configuration {
        var configuration = HTTPResponseEncoder.Configuration()
        configuration.automaticallySetFramingHeaders = false
        return configuration
    }

    /// - Parameters:
    ///   - head: Of a final answer.
    ///   - method: Of its request.
    ///   - isLegacy: Whether the client speaks HTTP/1.0, which has no chunks.
    static func complete(_ head: inout HTTPResponse, to method: HTTPRequest.Method?, isLegacy: Bool) {
        head.headerFields[.transferEncoding] = nil
        if head.status == .noContent || head.status == .notModified {
            head.headerFields[.contentLength] = nil
        } else if head.headerFields[.contentLength] == nil, method != .head, !isLegacy {
            head.headerFields[.transferEncoding] = "chunked"
        }
    }
}
