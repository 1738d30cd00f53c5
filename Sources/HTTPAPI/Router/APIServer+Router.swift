import HTTPTypes
import Hummingbird

extension APIServer {
    /// All routes.
    ///
    /// - Parameter administration: what the control socket has beside those of the network. nil for the network.
    static func routes(context: APIContext, administration: Administration?) -> RouteTable {
        RouteTable(endpoints(context, administration))
    }

    /// All routes with their middleware, outermost first: envelope (request id, headers, metrics), then problems.
    ///
    /// - Parameter authenticator: nil on the control socket, where no route asks for a token.
    static func router(table: RouteTable, context: APIContext, authenticator: Authenticator?) -> Router<APIRequestContext> {
        let router = Router(context: APIRequestContext.self)
        // Hummingbird applies a middleware only to the routes added after it.
        router.add(middleware: ResponseEnvelope(context: context, table: table))
        router.add(middleware: ProblemResponses(table: table))
        if let authenticator, authenticator.scope == .all { router.add(middleware: UnknownRoutes(authenticator: authenticator)) }
        for endpoint in table.endpoints {
            add(endpoint, to: router, as: endpoint.method, authenticator)
            if endpoint.method == .get { add(endpoint, to: router, as: .head, authenticator) }
        }
        for template in table.templates {
            let allow = table.allow(template)
            router.on(RouterPath(template), method: .options) { request, _ in
                var fields: HTTPFields = [.allow: allow]
                context.crossOrigin.completePreflight(&fields, of: request, methods: allow)
                return Response(status: .noContent, headers: fields)
            }
        }
        return router
    }

    /// What can be asked for, in the order in which `/` lists it.
    static func endpoints(_ context: APIContext, _ administration: Administration?) -> [Endpoint] {
        let routes =
            HealthRoutes(context: context).endpoints
            + [MetricsRoute.endpoint(context), StatsRoute.endpoint(context), DataRoute.endpoint(context)]
            + [ExportRoute(context: context).endpoint, StreamRoute(context: context).endpoint]
            + readingEndpoints(context)
            + RunsRoutes(context: context).endpoints
            + RefreshRoute(context: context).endpoints
            + [OpenAPIRoute.endpoint(version: context.version), DocsRoute.endpoint(version: context.version), AssetRoute.endpoint]
            + (administration.map {
                AdminRoutes(context: context, administration: $0).endpoints + MappingRoutes(context: context).endpoints + [
                    ReplayRoute(context: context).endpoint
                ]
            } ?? [])
        return [StatusPageRoute.endpoint(context, routes: routes)] + routes
    }

    /// What reads rows and what lies beside them, other than `/data`.
    private static func readingEndpoints(_ context: APIContext) -> [Endpoint] {
        [
            LatestRoute.endpoint(context), SymbolsRoute.endpoint(context), CompareRoute.endpoint(context), OHLCRoute(context: context).endpoint,
            OutliersRoute.endpoint(context),
        ] + QuarantineRoutes(context: context).endpoints + [
            RawRoute(context: context).endpoint,
            // Before `/runs/{id}`, which would fit as well.
            RunComparisonRoute(context: context).endpoint,
        ]
    }

    private static func add(
        _ endpoint: Endpoint,
        to router: Router<APIRequestContext>,
        as method: HTTPRequest.Method,
        _ authenticator: Authenticator?
    ) {
        let guardian = authenticator.flatMap { $0.scope.covers(endpoint.access) ? $0 : nil }
        router.on(RouterPath(endpoint.template), method: method) { request, context in
            // Before anything is said about the request, and before its body is read.
            try await guardian?.check(request.headers, from: context.remoteAddress)
            let query = try QueryParameters(request.uri.query, known: endpoint.parameters)
            return try await endpoint.handle(APIRequest(request: request, context: context, query: query))
        }
    }
}
