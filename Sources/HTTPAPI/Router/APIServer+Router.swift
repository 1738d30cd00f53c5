import HTTPTypes
package import Hummingbird

extension APIServer {
    /// All routes with their middleware, outermost first: envelope (request id, headers, metrics), then problems.
    ///
    /// - Parameter administration: what the control socket has beside them; then no route asks for a token. nil for the network.
    package static func router(context: APIContext, administration: Administration? = nil) -> Router<APIRequestContext> {
        let table = RouteTable(endpoints(context, administration))
        let router = Router(context: APIRequestContext.self)
        // Hummingbird applies a middleware only to the routes added after it.
        router.add(middleware: ResponseEnvelope(context: context, table: table))
        router.add(middleware: ProblemResponses(table: table))
        for endpoint in table.endpoints {
            add(endpoint, to: router, as: endpoint.method)
            if endpoint.method == .get { add(endpoint, to: router, as: .head) }
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

    private static func endpoints(_ context: APIContext, _ administration: Administration?) -> [Endpoint] {
        let routes =
            HealthRoutes(context: context).endpoints
            + [MetricsRoute.endpoint(context), StatsRoute.endpoint(context), DataRoute.endpoint(context)]
            + RunsRoutes(context: context).endpoints
            + RefreshRoute(context: context, needsToken: administration == nil).endpoints
            + (administration.map {
                AdminRoutes(context: context, administration: $0).endpoints + MappingRoutes(context: context).endpoints + [
                    ReplayRoute(context: context).endpoint
                ]
            } ?? [])
        return [IndexRoute.endpoint(version: context.version, routes: routes)] + routes
    }

    private static func add(_ endpoint: Endpoint, to router: Router<APIRequestContext>, as method: HTTPRequest.Method) {
        router.on(RouterPath(endpoint.template), method: method) { request, context in
            let query = try QueryParameters(request.uri.query, known: endpoint.parameters)
            return try await endpoint.handle(APIRequest(request: request, context: context, query: query))
        }
    }
}
