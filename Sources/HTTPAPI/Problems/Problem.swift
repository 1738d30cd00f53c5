import HTTPTypes

/// A problem document (RFC 9457) that is thrown: what happened, where, and what to type next.
struct Problem: Error, Sendable {
    var status: HTTPResponse.Status
    /// A stable name for programs; also the end of `type`.
    var code: String
    /// For the person who reads it: names the parameter and says what would work.
    var detail: String
    /// The parameter at fault, for validation errors.
    var parameter: String?
    /// Further header fields of the answer.
    var headers: HTTPFields

    init(
        _ status: HTTPResponse.Status,
        code: String,
        detail: String,
        parameter: String? = nil,
        headers: HTTPFields = [:]
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.parameter = parameter
        self.headers = headers
    }

    /// 400 about one parameter.
    static func invalidParameter(_ name: String, _ detail: String) -> Problem {
        Problem(.badRequest, code: "invalid_parameter", detail: detail, parameter: name)
    }

    /// 503.
    static func unavailable(_ code: String, _ detail: String) -> Problem {
        Problem(.serviceUnavailable, code: code, detail: detail)
    }
}
