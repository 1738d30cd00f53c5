/// Why there is no response. `description` is fit for a log and for an operator: secrets in the URL are masked.
package struct FetchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a caller may want to tell apart.
    package enum Kind: String, Sendable, CaseIterable {
        /// The URL cannot be sent: not absolute, not http or https, or with bytes that do not belong in a URL.
        case invalidURL
        /// A header name or value cannot be sent.
        case invalidHeader
        /// The host (or the proxy's host) has no address.
        case unresolvedHost
        /// The host was reached and nothing listens on the port.
        case refusedConnection
        /// Any other failure to connect, send or receive.
        case network
        /// The connect, low-speed or total limit was passed.
        case timeout
        /// The TLS handshake failed, the certificate was not accepted, or there is no CA bundle.
        case tls
        /// The body passed the limit on bytes or on the ratio, or the headers passed theirs.
        case tooLarge
        /// The host resolves to a private, loopback or link-local address.
        case refusedAddress
        case tooManyRedirects
        /// A redirect without a target that may be followed.
        case refusedRedirect
        /// The connection ended before the body did.
        case truncated
        /// What came is not HTTP, or is compressed in a way that cannot be undone.
        case invalidResponse
        case cancelled
        /// libcurl could not be set up; never the server's fault.
        case internalFailure
    }

    package let kind: Kind
    /// What happened, at which host and port, and what to do next.
    package let message: String
    /// The URL of the hop that failed, with secrets masked.
    package let url: String

    init(_ kind: Kind, _ message: String, url: String) {
        self.kind = kind
        self.message = message
        self.url = redacted(url: url)
    }

    package var description: String { "\(message) [\(kind.rawValue), \(url)]" }
}
