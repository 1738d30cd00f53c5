import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Between the HTTP parser and Hummingbird: keeps the times of a connection, answers what no route is to see, and ends the connection.
///
/// What this handler answers itself is the last answer on its connection. Should Hummingbird write one to the same request afterwards, it goes
/// nowhere.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: ServerLimits
    private let isRestricted: Bool
    private let gate: RequestGate
    /// Whether a request may take longer than a page.
    private let isPatient: @Sendable (HTTPRequest) -> Bool
    private let refusals: RefusalCounters
    private var state: ConnectionState
    /// The head of the request under way.
    private var request: HTTPRequest?
    /// Whether the last answer is written or given up.
    private var isOver = false
    private var isLegacy = false
    private var context: ChannelHandlerContext?
    private var timer: (task: Scheduled<Void>, due: NIODeadline)?

    /// - Parameters:
    ///   - now: when the connection was accepted.
    ///   - isRestricted: it may ask only `/livez`.
    init(
        limits: ServerLimits,
        gate: RequestGate,
        isRestricted: Bool,
        refusals: RefusalCounters,
        isPatient: @escaping @Sendable (HTTPRequest) -> Bool,
        now: NIODeadline
    ) {
        self.limits = limits
        self.gate = gate
        self.isRestricted = isRestricted
        self.refusals = refusals
        self.isPatient = isPatient
        state = ConnectionState(limits: limits, isRestricted: isRestricted, now: now)
        gate.connection = self
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { check() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.task.cancel()
        timer = nil
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        check()
        context.fireChannelActive()
    }

    // MARK: What the gate says

    func headBegan() {
        guard let context else { return }
        state.headBegan(at: context.eventLoop.now)
        check()
    }

    func headArrived(_ facts: RequestFacts) {
        guard let context else { return }
        state.headArrived(at: context.eventLoop.now, isPersistent: facts.isPersistent)
        if facts.minorVersion == 0, !isLegacy, let codec = try? context.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self) {
            isLegacy = (try? context.pipeline.syncOperations.addHandler(ResponseVersion(), position: .before(codec.handler))) != nil
        }
    }

    func refuse(_ violation: RequestViolation) { answer(Problem(violation, limits: limits)) }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isOver { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            request = head
            if isRestricted, head.path?.prefix(while: { $0 != "?" }) != "/livez" { return answer(.tooManyConnections) }
            // Hummingbird knows this spelling only, and then does not wait for another request.
            if state.isLast { head.headerFields[.connection] = "close" }
            context.fireChannelRead(wrapInboundOut(.head(head)))
            // On a busy connection a timer is set already.
            if timer.map({ $0.due > context.eventLoop.now + state.lookTime }) ?? true { check() }
        case .body:
            context.fireChannelRead(data)
        case .end:
            state.requestEnded()
            context.fireChannelRead(data)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Either the gate was too kind, or the client went away in the middle of a request.
        guard error is HTTPParserError || error is HTTP1TypeConversionError else { return context.fireErrorCaught(error) }
        if isOver { return }
        refuse(.malformed("is not well-formed HTTP/1.1"))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            if state.drain(at: context.eventLoop.now) { check() } else { context.close(promise: nil) }
            return
        }
        if isOver, case .inputClosed? = event as? ChannelEvent { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isOver {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            state.answerBegan()
            if isLegacy, head.headerFields[.contentLength] == nil { state.answerEndsWithConnection() }
            ResponseFraming.complete(&head, to: request?.method, isLegacy: isLegacy)
            if state.isLast {
                head.headerFields[.connection] = "close"
            } else if isLegacy {
                head.headerFields[.connection] = "keep-alive"
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            context.write(data, promise: promise)
            request = nil
            if state.isLast { return finish() }
            state.answerEnded(at: context.eventLoop.now)
            if timer == nil { check() }
            gate.openForNext()
        default:
            context.write(data, promise: promise)
        }
    }

    /// Says one last thing, unless an answer has already begun, and ends the connection.
    private func answer(_ problem: Problem) {
        guard let context, !isOver else { return }
        refusals.count(problem.code)
        guard state.mayAnswer else { return context.close(promise: nil) }
        let given = request?.headerFields[.xRequestID]
        let requestID = given.flatMap { RequestID.isValid($0) ? $0 : nil } ?? RequestID.make()
        let body = problem.body(requestID: requestID, instance: nil, latencyMilliseconds: 0)
        let head = problem.head(requestID: requestID, contentLength: body.readableBytes, closing: true)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request?.method != .head { context.write(wrapOutboundOut(.body(body)), promise: nil) }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        finish()
    }

    /// Everything is said: closes the output, and the rest when the client has, or after a while.
    private func finish() {
        guard let context else { return }
        isOver = true
        gate.discard()
        state.lingers(from: context.eventLoop.now)
        context.flush()
        context.close(mode: .output, promise: nil)
        check()
    }

    // MARK: Times

    private func check() {
        guard let context, context.channel.isActive else { return }
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let taken = gate.writtenBytes - waiting
        switch state.check(at: context.eventLoop.now, taken: taken, waiting: waiting, isPatient: request.map(isPatient) ?? false) {
        case .wait(let due): arm(context, due)
        case .close: context.close(promise: nil)
        case .answer(let timeout): answer(Problem(timeout, limits: limits))
        }
    }

    /// Most deadlines are never met, so a timer that comes too early is left in place and looks again.
    private func arm(_ context: ChannelHandlerContext, _ due: NIODeadline) {
        if let timer {
            if timer.due <= due { return }
            timer.task.cancel()
        }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let task = context.eventLoop.scheduleTask(deadline: due) {
            bound.value.timer = nil
            bound.value.check()
        }
        timer = (task, due)
    }
}
