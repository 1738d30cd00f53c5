package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// Builds the HTTP server.
package enum APIServer {
    /// The server as a service for the process's `ServiceGroup`.
    ///
    /// It stops accepting and finishes requests under way on graceful shutdown; raise `context.draining` before.
    ///
    /// - Parameters:
    ///   - context: what the routes work with.
    ///   - address: where to listen; port 0 takes a free one.
    ///   - limits: sizes, counts and times a client may use.
    ///   - logger: for requests and errors.
    ///   - onServerRunning: called once, when connections are accepted, with the bound port (nil on a Unix socket).
    package static func application(
        context: APIContext,
        address: BindAddress,
        limits: ServerLimits = ServerLimits(),
        logger: Logger,
        onServerRunning: @escaping @Sendable (_ port: Int?) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            router: router(context: context),
            server: .http1(configuration: channelConfiguration(limits)),
            configuration: ApplicationConfiguration(
                address: address,
                serverName: "kasparro",
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)
            ),
            onServerRunning: { channel in await onServerRunning(channel.localAddress?.port) },
            logger: logger
        )
    }

    private static func channelConfiguration(_ limits: ServerLimits) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestGuard(limits: limits)],
            idleTimeout: .seconds(Int64(limits.idleSeconds)),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerBytes,
                maxHeaderListSize: limits.headerBytes,
                maxHeaderFieldCount: limits.headerFields
            )
        )
    }
}
