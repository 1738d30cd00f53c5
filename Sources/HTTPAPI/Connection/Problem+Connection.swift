import HTTPTypes

extension Problem {
    /// What is wrong with a request that no route sees.
    init(_ violation: RequestViolation, limits: ServerLimits) {
        switch violation {
        case .malformed(let what):
            self.init(.badRequest, code: "malformed_request", detail: "The request \(what). The connection is closed.")
        case .version:
            self.init(
                HTTPResponse.Status(code: 505, reasonPhrase: "HTTP Version Not Supported"),
                code: "http_version_not_supported",
                detail: "This server speaks HTTP/1.1 and HTTP/1.0."
            )
        case .requestLineTooLong:
            self.init(
                .uriTooLong,
                code: "request_line_too_long",
                detail: "The request line is longer than \(limits.requestLineBytes) bytes. Ask for fewer values at once."
            )
        case .headersTooLarge:
            self.init(
                .requestHeaderFieldsTooLarge,
                code: "headers_too_large",
                detail: "The header fields are larger than \(limits.headerBytes) bytes together or more than \(limits.headerFields). "
                    + "Send fewer or shorter ones."
            )
        case .bodyTooLarge:
            self.init(
                .contentTooLarge,
                code: "body_too_large",
                detail: "The request body is larger than \(limits.bodyBytes) bytes. No route of this server needs one; leave it out."
            )
        }
    }

    /// What took too long.
    init(_ timeout: ConnectionState.Timeout, limits: ServerLimits) {
        switch timeout {
        case .head:
            self.init(.requestTimeout, code: "request_timeout", detail: "The request's head did not come in within \(limits.headSeconds) seconds.")
        case .body:
            self.init(.requestTimeout, code: "request_timeout", detail: "The request's body did not come in within \(limits.bodySeconds) seconds.")
        case .page:
            self.init(
                .serviceUnavailable,
                code: "deadline_exceeded",
                detail: "The answer was not ready within \(limits.pageSeconds ?? 0) seconds. Ask for less, or again later.",
                headers: [.retryAfter: "5"]
            )
        }
    }

    /// For connections that may ask only `/livez`.
    static let tooManyConnections = Problem(
        .serviceUnavailable,
        code: "too_many_connections",
        detail: "Too many connections are open, in all or from your address. Close some, or ask again in a moment.",
        headers: [.retryAfter: "1"]
    )
}
