import NIOCore
import Synchronization

/// Notices that a client has closed its half of the connection while a stream has nothing to write: nothing else would, before a write fails.
final class ClientLeaving: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    private let left = Mutex(false)
    private let body: @Sendable () -> Void

    /// - Parameter body: Called once or twice, on the event loop.
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    var hasLeft: Bool { left.withLock { $0 } }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { leave() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        left.withLock { $0 = true }
        body()
    }
}
