package import Hummingbird
import Logging
package import NIOCore

/// What travels with one request.
package struct APIRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The caller's `X-Request-ID`, or one made for it; set by `ResponseEnvelope`.
    package var requestID = ""
    /// The connection; nil for a request of this process.
    package let channel: (any Channel)?
    /// The other end of the connection.
    var remoteAddress: SocketAddress? { channel?.remoteAddress }
    /// Whether there was a connection that can be lost.
    private let wasConnected: Bool
    private let received = ContinuousClock.now

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        wasConnected = source.channel.isActive
    }

    /// For a request that comes by no connection.
    init(logger: Logger) {
        coreContext = .init(source: LocalSource(logger: logger))
        channel = nil
        wasConnected = false
    }

    private struct LocalSource: RequestContextSource {
        let logger: Logger
    }

    /// Whether the client may still be waiting for the answer: it is there, and has not been told that a page takes too long.
    /// Who asks without a connection waits for ever.
    var isWanted: Bool { !wasConnected || (channel?.isActive == true && elapsed < Self.longestPage) }
    private static let longestPage = Duration.seconds(ServerLimits().pageSeconds ?? 30)

    /// Time since the request's head was read.
    var elapsed: Duration { ContinuousClock.now - received }

    /// The same in whole milliseconds, as `api_latency_ms` shows it.
    var elapsedMilliseconds: Int {
        let (seconds, attoseconds) = elapsed.components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
