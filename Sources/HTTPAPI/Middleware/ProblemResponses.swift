import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import TickerStore

/// Turns every error into a problem document (RFC 9457), and unknown methods of known paths into 405.
struct ProblemResponses: RouterMiddleware {
    typealias Context = APIRequestContext

    let table: RouteTable

    func handle(
        _ request: Request,
        context: APIRequestContext,
        next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPParserError {
            // The connection is broken in the middle of a request; `ConnectionGuard` answers it.
            throw error
        } catch {
            let problem = problem(for: error, request: request, context: context)
            return problem.response(request: request, context: context)
        }
    }

    private func problem(for error: any Error, request: Request, context: APIRequestContext) -> Problem {
        switch error {
        case let problem as Problem:
            tell(of: problem, request: request, context: context)
            return problem
        case let error as any HTTPResponseError:
            if error.status == .notFound { return notFound(request) }
            let problem = Problem(error.status, code: "request_failed", detail: error.status.reasonPhrase + ".")
            tell(of: problem, request: request, context: context)
            return problem
        case is CancellationError:
            let problem = Problem.unavailable("shutting_down", "The request was cut off because the server stops or the client left.")
            tell(of: problem, request: request, context: context)
            return problem
        default:
            // What went wrong may hold paths and internals; it goes to the log only, under the id the client sees.
            let code = error is StoreError ? "store_unreadable" : "internal_error"
            context.logger.error(
                "request failed",
                metadata: [
                    "method": "\(request.method.rawValue)", "route": "\(route(request))", "path": "\(request.uri.path)", "error": "\(error)",
                ]
            )
            return Problem(
                .internalServerError,
                code: code,
                detail: "The request could not be answered. The server's log tells why, under this `request_id`."
            )
        }
    }

    /// Has the log say what the server could not do; that a client asked for something wrong is the client's affair.
    private func tell(of problem: Problem, request: Request, context: APIRequestContext) {
        guard problem.status.code >= 500 else { return }
        context.logger.log(
            level: ["draining", "shutting_down"].contains(problem.code) ? .info : .warning,
            "request refused",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(route(request))", "status": "\(problem.status.code)", "code": "\(problem.code)",
                "reason": "\(problem.detail)",
            ]
        )
    }

    /// Templates only: a path chosen by a stranger must not make lines different.
    private func route(_ request: Request) -> String { table.template(for: request.uri.path) ?? "_other" }

    private func notFound(_ request: Request) -> Problem {
        guard let template = table.template(for: request.uri.path) else {
            return Problem(
                .notFound,
                code: "not_found",
                detail: "There is nothing at `\(request.uri.path)`. `GET /` lists the routes."
            )
        }
        let allow = table.allow(template)
        return Problem(
            .methodNotAllowed,
            code: "method_not_allowed",
            detail: "`\(template)` does not take \(request.method.rawValue). It takes \(allow).",
            headers: [.allow: allow]
        )
    }
}
