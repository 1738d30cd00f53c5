import Hummingbird

/// Where every route asks for a token, so does every path that is none: which ones exist is not everybody's business either.
struct UnknownRoutes: RouterMiddleware {
    typealias Context = APIRequestContext

    let authenticator: Authenticator

    func handle(
        _ request: Request,
        context: APIRequestContext,
        next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            try await authenticator.check(request.headers, from: context.remoteAddress)
            throw error
        }
    }
}
