import NIOCore

/// Between the socket and the HTTP parser: lets one request through at a time, and only what `RequestFraming` finds in order.
///
/// A head is passed on when it is complete, a body as it comes in. The next request waits here until the answer to the one before is written:
/// a client that sends thousands at once costs no more than the bytes of one read, and what is wrong with a request is answered in its turn.
final class RequestGate: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private var framing: RequestFraming
    /// What is not passed on yet.
    private var waiting = ByteBuffer()
    /// Whether a request may be passed on: the one before is answered.
    private var isOpen = true
    private var isDiscarding = false
    private var isReadHeld = false
    private var context: ChannelHandlerContext?
    /// Bytes of answers handed on to the socket.
    private(set) var writtenBytes = 0
    /// Told of what is found. It holds this gate, so it is not held back.
    weak var connection: ConnectionGuard?

    init(limits: ServerLimits) {
        framing = RequestFraming(limits: limits)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDiscarding { return }
        var bytes = unwrapInboundIn(data)
        if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeBuffer(&bytes) }
        passOn(context)
    }

    /// Holds back while a further request waits: what the client sends then stays in the kernel, and at last with the client.
    func read(context: ChannelHandlerContext) {
        if !isOpen, waiting.readableBytes > 0 { isReadHeld = true } else { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        writtenBytes += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    /// The answer to the request that was passed on last is written.
    func openForNext() {
        guard let context, !isDiscarding else { return }
        isOpen = true
        guard waiting.readableBytes > 0 else { return releaseRead(context) }
        // Not from inside a write: what is found may have to be answered.
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.goOn() }
    }

    /// From now on everything that comes in is thrown away.
    func discard() {
        isDiscarding = true
        waiting = ByteBuffer()
        if let context { releaseRead(context) }
    }

    private func goOn() {
        guard let context, !isDiscarding else { return }
        passOn(context)
        context.fireChannelReadComplete()
        if isOpen || waiting.readableBytes == 0 { releaseRead(context) }
    }

    private func releaseRead(_ context: ChannelHandlerContext) {
        guard isReadHeld else { return }
        isReadHeld = false
        context.read()
    }

    private func passOn(_ context: ChannelHandlerContext) {
        while isOpen, !isDiscarding, waiting.readableBytes > 0 {
            switch waiting.withUnsafeReadableBytes({ framing.step($0) }) {
            case .incomplete:
                connection?.headBegan()
                return
            case .emptyLine(let length):
                waiting.moveReaderIndex(forwardBy: length)
            case .head(let length, let facts):
                if facts.body == .none { isOpen = false }
                connection?.headArrived(facts)
                pass(length, context)
            case .body(let length, let isLast):
                if isLast { isOpen = false }
                pass(length, context)
            case .refused(let violation):
                discard()
                connection?.refuse(violation)
            }
        }
        // Not to keep the memory of what was read.
        if waiting.readableBytes == 0 { waiting = ByteBuffer() }
    }

    private func pass(_ length: Int, _ context: ChannelHandlerContext) {
        guard let bytes = waiting.readSlice(length: length) else { return }
        context.fireChannelRead(wrapInboundOut(bytes))
    }
}
