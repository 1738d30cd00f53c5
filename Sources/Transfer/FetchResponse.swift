/// The answer of the last hop. Its status is reported, not judged: a 404 is a response, not an error.
package struct FetchResponse: Sendable {
    package var status: Int
    /// In the order received, values trimmed of blanks. Interim (1xx) responses and trailers are left out.
    package var headers: [(name: String, value: String)]
    /// The body, inflated where the server sent it compressed.
    package var body: [UInt8]
    /// The URL that answered, after redirects. It holds secrets if the request's did: pass it through ``redacted(url:)`` before printing.
    package var finalURL: String
    /// From the call to the last byte, redirects included.
    package var duration: Duration

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8], finalURL: String, duration: Duration) {
        self.status = status
        self.headers = headers
        self.body = body
        self.finalURL = finalURL
        self.duration = duration
    }

    /// The value of the first header of that name, compared without case (RFC 9110 section 5.1).
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// The values of all headers of that name, in order; `Link`, for one, may come in several lines.
    package func headerValues(_ name: String) -> [String] {
        let wanted = name.lowercased()
        return headers.filter { $0.name.lowercased() == wanted }.map(\.value)
    }
}
