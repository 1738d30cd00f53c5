import HTTPTypes

extension HTTPField.Name {
    /// The id of this request, in the logs too.
    static let xRequestID = HTTPField.Name("X-Request-ID")!
    /// The run that started last.
    static let xRunID = HTTPField.Name("X-Run-ID")!
    /// Whole milliseconds from reading the request's head to finishing its answer.
    static let xAPILatency = HTTPField.Name("X-API-Latency-Ms")!
    /// The cursor of the next page, where the body has no room for it.
    static let xNextCursor = HTTPField.Name("X-Next-Cursor")!
    /// How long the parts of an answer took (W3C Server Timing).
    static let serverTiming = HTTPField.Name("Server-Timing")!
    /// RFC 8288.
    static let link = HTTPField.Name("Link")!
}
