package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// Builds the HTTP server, and its second door for the commands of the same machine.
package enum APIServer {
    /// The server for the network as a service for the process's `ServiceGroup`.
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
        make(context, nil, at: address, limits: limits, logger: logger, onServerRunning: onServerRunning)
    }

    /// The same routes and the admin group on a unix socket, without a token: whoever may open the socket may do everything.
    ///
    /// - Parameters:
    ///   - context: what the routes work with.
    ///   - administration: what the admin routes work with.
    ///   - socketPath: at most 103 bytes; a socket of that name is replaced. Its mode is the caller's to set.
    ///   - logger: for requests and errors.
    ///   - onServerRunning: called once, when connections are accepted.
    package static func controlApplication(
        context: APIContext,
        administration: Administration,
        socketPath: String,
        logger: Logger,
        onServerRunning: @escaping @Sendable () async -> Void
    ) -> some ApplicationProtocol {
        var context = context
        context.clientPatience = .seconds(86_400)
        context.requestLogger = logger
        // The server's greeting would name a file that is about to be renamed.
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        return make(
            context,
            administration,
            at: .unixDomainSocket(path: socketPath),
            limits: .control,
            logger: quiet,
            onServerRunning: { _ in await onServerRunning() }
        )
    }

    private static func make(
        _ context: APIContext,
        _ administration: Administration?,
        at address: BindAddress,
        limits: ServerLimits,
        logger: Logger,
        onServerRunning: @escaping @Sendable (_ port: Int?) async -> Void
    ) -> some ApplicationProtocol {
        let table = routes(context: context, administration: administration)
        let census = ConnectionCensus(limits: limits)
        let refusals = RefusalCounters(registry: context.registry)
        if administration == nil { ConnectionMetrics.refreshAtScrape(context.registry, census: census, limits: limits, feed: context.feed) }
        return Application(
            router: router(table: table, context: context, authenticator: administration == nil ? context.authenticator : nil),
            server: HTTPServerBuilder { responder in
                HTTPConnection(
                    responder: responder,
                    limits: limits,
                    census: census,
                    refusals: refusals,
                    isPatient: { table.isPatient($0) }
                )
            },
            configuration: ApplicationConfiguration(
                address: address,
                serverName: "kasparro",
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)
            ),
            onServerRunning: { channel in await onServerRunning(channel.localAddress?.port) },
            logger: logger
        )
    }
}
