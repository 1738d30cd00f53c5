import HTTPTypes
import Hummingbird
import Logging

/// The outermost middleware: what every answer carries and what is measured about it.
///
/// It times the handler, not the writing of the body: wrapping the body would make Hummingbird send small answers in
/// three writes instead of one.
struct ResponseEnvelope: RouterMiddleware {
    typealias Context = APIRequestContext

    private let context: APIContext
    private let table: RouteTable
    private let templates: Set<String>
    private let durations: RequestDurations

    init(context: APIContext, table: RouteTable) {
        self.context = context
        self.table = table
        self.templates = Set(table.templates)
        self.durations = RequestDurations(registry: context.registry, endpoints: table.endpoints)
    }

    func handle(
        _ request: Request,
        context: APIRequestContext,
        next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        var requestContext = context
        let given = request.headers[.xRequestID]
        let requestID = given.flatMap { RequestID.isValid($0) ? $0 : nil } ?? RequestID.make()
        requestContext.requestID = requestID
        if let logger = self.context.requestLogger { requestContext.logger = logger }
        requestContext.logger[metadataKey: "hb.request.id"] = nil
        requestContext.logger[metadataKey: "request_id"] = "\(requestID)"

        var response = try await next(request, requestContext)
        // First of all, so that a 304 says the same of the answer that it stands for.
        Compression.markVariants(&response)
        response = ConditionalRequest.apply(to: response, of: request)
        response = try await Compression.apply(to: response, of: request)
        if request.method == .head { Self.dropBody(of: &response) }
        self.context.crossOrigin.complete(&response, of: request)
        complete(&response, requestID: requestID, requestContext)
        record(request, response.status, requestContext)
        return response
    }

    private func complete(_ response: inout Response, requestID: String, _ requestContext: APIRequestContext) {
        response.headers[.xRequestID] = requestID
        if let runID = context.runs.latestRunID { response.headers[.xRunID] = runID }
        // A handler that printed the latency in its body has set the header to the same number.
        if response.headers[.xAPILatency] == nil { response.headers[.xAPILatency] = "\(requestContext.elapsedMilliseconds)" }
        response.headers[.serverTiming] = ServerTiming.text(total: requestContext.elapsed, parts: response.headers[.serverTiming])
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-cache" }
        response.headers[.xContentTypeOptions] = "nosniff"
    }

    /// The answer to HEAD says of its length what the one to GET says: nothing, where it is not known before (RFC 9110 section 8.6).
    private static func dropBody(of response: inout Response) {
        let isLengthKnown = response.body.contentLength != nil
        response = response.createHeadResponse()
        if !isLengthKnown { response.headers[.contentLength] = nil }
    }

    private func record(_ request: Request, _ status: HTTPResponse.Status, _ requestContext: APIRequestContext) {
        // Templates only: a path chosen by a stranger must not become a series.
        let path = requestContext.endpointPath.flatMap { templates.contains($0) ? $0 : nil }
        let route = path ?? table.template(for: request.uri.path) ?? "_other"
        durations.record(requestContext.elapsed, route: route, method: request.method, status: status.code)
        requestContext.logger.log(
            level: context.logsAccess ? .info : .debug,
            "request answered",
            metadata: [
                "client": "\(requestContext.remoteAddress?.ipAddress ?? "local")", "method": "\(request.method.rawValue)", "route": "\(route)",
                "path": "\(request.uri.path)", "query": "\(request.uri.query ?? "")",
                "status": "\(status.code)", "duration_ms": "\(requestContext.elapsedMilliseconds)",
            ]
        )
    }
}
