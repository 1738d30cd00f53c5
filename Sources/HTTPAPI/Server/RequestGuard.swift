import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Refuses requests that are too large or not HTTP before they reach a route, and says why.
///
/// Hummingbird answers every parser error with an empty 400. This handler sits between the HTTP codec and Hummingbird,
/// remembers what was wrong, and turns that empty 400 into a problem document; since Hummingbird still decides when to
/// write it, answers of pipelined requests keep their order. Limits the parser does not know (request line, body) are
/// reported the same way, as are header lines that two programs could read differently (RFC 9112 section 6.3).
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ServerLimits
    /// Set once; nothing is read from the connection afterwards.
    private var refusal: Problem?
    private var bodyBytes = 0
    private var requestsRead = 0
    private var responsesEnded = 0

    init(limits: ServerLimits) {
        self.limits = limits
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard refusal == nil else { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            if let problem = problem(with: head) { return refuse(problem, context: context) }
            bodyBytes = 0
            requestsRead += 1
            // Options of this field have no case and may stand in a list; Hummingbird knows only the bare `close`.
            if let options = head.headerFields[.connection]?.lowercased(),
                options.split(whereSeparator: { $0 == "," || $0 == " " }).contains("close")
            {
                head.headerFields[.connection] = "close"
            }
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            if bodyBytes > limits.bodyBytes {
                // The request was answered already, while its body was still coming: a second answer would be taken
                // for that of the next request.
                if responsesEnded == requestsRead { return context.close(promise: nil) }
                return refuse(.bodyTooLarge(limit: limits.bodyBytes), context: context)
            }
        case .end: break
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let parserError = error as? HTTPParserError, refusal == nil {
            refusal = parserError == .headerOverflow ? .headersTooLarge(limits) : .notHTTP(parserError)
        }
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            // Hummingbird's own 400 has only these two fields; each answer of ours has an X-Request-ID.
            if let refusal, head.status == .badRequest, head.headerFields[.xRequestID] == nil {
                let requestID = RequestID.make()
                let body = refusal.body(requestID: requestID, instance: nil, latencyMilliseconds: 0)
                let response = refusal.head(requestID: requestID, contentLength: body.readableBytes, closing: true)
                context.write(wrapOutboundOut(.head(response)), promise: nil)
                context.write(wrapOutboundOut(.body(body)), promise: promise)
                return
            }
        case .body: break
        case .end: responsesEnded += 1
        }
        context.write(data, promise: promise)
    }

    private func problem(with head: HTTPRequest) -> Problem? {
        // The codec has taken the first Host line away; what is left would be a second one. Each of these three lets
        // two programs in a row read the same bytes as different requests.
        let fields = head.headerFields
        let length = fields[values: .contentLength]
        if fields.contains(HTTPField.Name("Host")!) { return .ambiguous("more than one Host line") }
        if length.count > 1 { return .ambiguous("more than one Content-Length line") }
        if !length.isEmpty, fields.contains(.transferEncoding) {
            return .ambiguous("Transfer-Encoding beside Content-Length")
        }
        // Method, target, two blanks and `HTTP/1.1`.
        let lineBytes = head.method.rawValue.utf8.count + (head.path?.utf8.count ?? 0) + 10
        if lineBytes > limits.requestLineBytes { return .requestLineTooLong(limit: limits.requestLineBytes) }
        if let length = length.first.flatMap({ Int($0) }), length > limits.bodyBytes {
            return .bodyTooLarge(limit: limits.bodyBytes)
        }
        return nil
    }

    private func refuse(_ problem: Problem, context: ChannelHandlerContext) {
        refusal = problem
        // The error that makes Hummingbird write its 400 and stop reading.
        context.fireErrorCaught(HTTPParserError.unknown)
    }
}

extension Problem {
    fileprivate static func requestLineTooLong(limit: Int) -> Problem {
        Problem(
            .uriTooLong,
            code: "request_line_too_long",
            detail: "The request line is longer than \(limit) bytes. Ask for fewer values at once."
        )
    }

    fileprivate static func headersTooLarge(_ limits: ServerLimits) -> Problem {
        Problem(
            .requestHeaderFieldsTooLarge,
            code: "headers_too_large",
            detail:
                "The request line and header fields are larger than \(limits.headerBytes) bytes together or more than "
                + "\(limits.headerFields) fields. Send fewer or shorter header fields."
        )
    }

    fileprivate static func bodyTooLarge(limit: Int) -> Problem {
        Problem(
            .contentTooLarge,
            code: "body_too_large",
            detail: "The request body is larger than \(limit) bytes. No route of this server needs one; leave it out."
        )
    }

    fileprivate static func ambiguous(_ what: String) -> Problem {
        Problem(
            .badRequest,
            code: "malformed_request",
            detail: "The request has \(what). The connection is closed."
        )
    }

    fileprivate static func notHTTP(_ error: HTTPParserError) -> Problem {
        Problem(
            .badRequest,
            code: "malformed_request",
            detail: "The request is not well-formed HTTP/1.1 (\(error)). The connection is closed."
        )
    }
}
