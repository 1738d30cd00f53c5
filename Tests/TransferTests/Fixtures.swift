import TestSupport
import Testing

@testable import Transfer

/// A request to a scripted server, as an operator would have written it: a literal loopback address.
func request(_ url: String, limits: FetchLimits = FetchLimits()) -> FetchRequest {
    FetchRequest(url: url, userAgent: "kasparro-tests/1", limits: limits, operatorURL: url)
}

/// The blocking form, with a flag that nobody raises.
func fetch(_ request: FetchRequest) throws(FetchError) -> FetchResponse {
    try Fetcher.fetch(request, cancellation: CancellationFlag())
}

/// The error of a fetch that must fail; a recorded issue and nil when it does not.
func failure(of request: FetchRequest, sourceLocation: SourceLocation = #_sourceLocation) -> FetchError? {
    do throws(FetchError) {
        let response = try fetch(request)
        Issue.record("expected an error, got status \(response.status)", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}

/// A response head with a length, and the body.
func answer(_ status: String = "200 OK", headers: [String] = [], body: String = "") -> String {
    let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
}

/// A gzip-encoded response with a length.
func gzipAnswer(_ compressed: [UInt8], declaredLength: Int? = nil) -> [UInt8] {
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(declaredLength ?? compressed.count)\r\nConnection: close\r\n\r\n"
    return Array(head.utf8) + compressed
}
