import NIOCore
import NIOHTTP1

/// Makes the answers on a connection HTTP/1.0: then the encoder sends a body without a length as it is, up to the connection's end, and not in
/// chunks, which a client of that version does not know.
final class ResponseVersion: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        head.version = .http1_0
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}
