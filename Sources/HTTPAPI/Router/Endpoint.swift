import HTTPTypes
import Hummingbird
import Logging
import MarketData

/// One route: the single place that says its method, path, parameters and handler.
struct Endpoint: Sendable {
    let method: HTTPRequest.Method
    /// The path, with placeholders in braces: `/runs/{id}`. Also the `route` label of the metrics.
    let template: String
    /// The query parameters it knows; nil where any are tolerated, because probes and browsers add their own.
    let parameters: [String]?
    /// One line for the list of routes at `/`; nil for what is a part of a page, and in no list.
    let summary: String?
    /// The status of its usual answer, so that its metric exists before the first request.
    let usualStatus: HTTPResponse.Status
    /// Who may ask.
    let access: RouteAccess
    /// Whether it may take longer than a page (`ServerLimits.pageSeconds`), because it waits for something or streams.
    let isPatient: Bool
    let handle: @Sendable (APIRequest) async throws -> Response

    init(
        _ method: HTTPRequest.Method,
        _ template: String,
        parameters: [String]? = [],
        summary: String?,
        usualStatus: HTTPResponse.Status = .ok,
        access: RouteAccess? = nil,
        isPatient: Bool = false,
        handle: @escaping @Sendable (APIRequest) async throws -> Response
    ) {
        self.method = method
        self.template = template
        self.parameters = parameters
        self.summary = summary
        self.usualStatus = usualStatus
        // What changes something needs a token unless it says otherwise.
        self.access = access ?? (method == .get ? .open : .token)
        self.isPatient = isPatient
        self.handle = handle
    }
}

/// A request whose query has been read and checked against the endpoint's parameters.
struct APIRequest: Sendable {
    let request: Request
    let context: APIRequestContext
    let query: QueryParameters

    /// Runs `body`, which may wait for the disk as long as a page does, unless the client has left or given up before its turn comes.
    ///
    /// - Throws: what `body` throws; a 503 when too many wait already.
    func read<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await ReadingPool.run(isWanted: { context.isWanted }, body)
    }

    /// Has the log say, under the request's id, what was done for it.
    ///
    /// - Parameter work: As in `a request had … done`.
    func told(of work: String, _ metadata: Logger.Metadata = [:]) {
        context.logger.info("a request had \(work) done", metadata: metadata.merging(["milliseconds": "\(context.elapsedMilliseconds)"]) { $1 })
    }

    /// The text in the place of `{name}` in the endpoint's path.
    func pathParameter(_ name: String) throws(Problem) -> String {
        let text = context.parameters.get(name) ?? ""
        do throws(PercentEncoding.Failure) {
            return try PercentEncoding.decode(text)
        } catch {
            throw .invalidParameter(name, "`\(name)` in the path \(error.inWords)")
        }
    }
}
