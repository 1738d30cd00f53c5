import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// What Hummingbird's server makes of each accepted connection: `RequestGate`, the HTTP parser, `ConnectionGuard`, and then its own part.
struct HTTPConnection: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: Responder
    let limits: ServerLimits
    let census: ConnectionCensus
    let refusals: RefusalCounters
    /// Whether a request may take longer than a page.
    let isPatient: @Sendable (HTTPRequest) -> Bool

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let address = ClientAddress(channel.remoteAddress)
            let admission = census.admit(address)
            if admission == .refused {
                refusals.count(Problem.tooManyConnections.code)
                logger.debug("connection refused", metadata: ["address": "\(channel.remoteAddress?.ipAddress ?? "-")"])
                channel.eventLoop.execute { channel.close(promise: nil) }
            } else {
                channel.closeFuture.whenComplete { [census] _ in census.release(address) }
            }
            let gate = RequestGate(limits: limits)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(gate)
            // The gate knows the exact limits, and is asked first; these only have to be no smaller.
            var decoderLimits = NIOHTTPDecoderLimitConfiguration()
            decoderLimits.maxHeaderFieldSize = limits.headerBytes + limits.requestLineBytes
            decoderLimits.maxHeaderListSize = limits.headerBytes + limits.requestLineBytes
            decoderLimits.maxHeaderFieldCount = limits.headerFields + 1
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false,
                withErrorHandling: false,
                // The fields' own type has checked them.
                withOutboundHeaderValidation: false,
                withEncoderConfiguration: ResponseFraming.encoder,
                withDecoderLimitConfiguration: decoderLimits
            )
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(
                ConnectionGuard(
                    limits: limits,
                    gate: gate,
                    isRestricted: admission != .ordinary,
                    refusals: refusals,
                    isPatient: isPatient,
                    now: channel.eventLoop.now
                )
            )
            return try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
}
