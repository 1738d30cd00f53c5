import HTTPTypes
import Hummingbird

/// Answers 304 to who has the same already (RFC 9110 section 13).
enum ConditionalRequest {
    /// What a 304 keeps of the header fields (RFC 9110 section 15.4.5); the envelope adds its own to each answer.
    private static let kept: [HTTPField.Name] = [.eTag, .cacheControl, .vary, .link, .xNextCursor, .contentLocation, .expires, .date]

    /// The answer itself, or a 304 in its place.
    static func apply(to response: Response, of request: Request) -> Response {
        guard response.status == .ok, request.method == .get || request.method == .head, let tag = response.headers[.eTag],
            request.headers.noneMatchNames(tag)
        else { return response }
        var fields = HTTPFields()
        for name in kept { if let value = response.headers[name] { fields[name] = value } }
        if let latency = response.headers[.xAPILatency] { fields[.xAPILatency] = latency }
        return Response(status: .notModified, headers: fields)
    }
}
