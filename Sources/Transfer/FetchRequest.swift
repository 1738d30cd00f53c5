/// One request over http or https, with everything that bounds it.
package struct FetchRequest: Sendable {
    /// Absolute URL, ASCII only, already percent-encoded. A fragment is not sent.
    package var url: String
    /// Sent to the origin (scheme, host, port) of ``url`` only: a redirect that leaves it loses them for good.
    package var headers: [(name: String, value: String)]
    /// Sent with every request; a `User-Agent` in ``headers`` takes its place on the first origin.
    package var userAgent: String
    package var limits: FetchLimits
    /// Whether private, loopback and link-local addresses may be connected to.
    package var allowPrivateAddresses: Bool
    /// The URL as the operator wrote it, in the configuration or in the environment; it may hold template placeholders after the host.
    ///
    /// Where its host is an IP literal or `localhost`, that very host and port may be connected to although the address is private.
    /// A next link that came from a server must not be passed here: pass the operator's own URL beside it.
    package var operatorURL: String?
    /// A PEM file of the authorities that are trusted; nil: those of ``SSL_CERT_FILE`` or of this system.
    package var certificateFile: String?
    /// `POST` in the place of `GET`. A caller that follows redirects sends the body to where they lead.
    package var isPost = false
    /// Sent with a POST; its `Content-Type` is the caller's to set.
    package var body: [UInt8] = []
    /// A unix socket of this machine to connect to, at most 107 bytes; the host and port of ``url`` are then only text in the request.
    /// No proxy, no address policy, and no redirect is followed: nothing leaves the machine.
    package var unixSocket: String?
    /// Takes the body of a 2xx answer piece by piece, as it came, on the fetch's own thread; false ends the fetch. The answer then has no body,
    /// `FetchLimits.maximumBytes` and `maximumRatio` do not hold, and nothing is inflated. nil: the body is in the answer.
    package var takeBody: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
    /// Whether the answer may be compressed.
    package var acceptsGzip = true
    /// Asked before each redirect is followed, which is one more request; false ends the fetch as cancelled.
    package var mayFollowRedirect: @Sendable () -> Bool = { true }

    package init(
        url: String,
        headers: [(name: String, value: String)] = [],
        userAgent: String,
        limits: FetchLimits = FetchLimits(),
        allowPrivateAddresses: Bool = false,
        operatorURL: String? = nil
    ) {
        self.url = url
        self.headers = headers
        self.userAgent = userAgent
        self.limits = limits
        self.allowPrivateAddresses = allowPrivateAddresses
        self.operatorURL = operatorURL
    }
}

/// What a single fetch may cost. Each limit ends the transfer as soon as it is passed, not after it.
package struct FetchLimits: Sendable, Equatable {
    /// Most bytes of body, counted after inflating.
    package var maximumBytes: Int = 32 * 1024 * 1024
    /// Most inflated bytes per byte on the wire, looked at once more than 1 MiB was inflated.
    package var maximumRatio: Int = 200
    /// Most bytes of header lines in one response.
    package var maximumHeaderBytes: Int = 64 * 1024
    /// Most redirects followed; one more is an error.
    package var maximumRedirects: Int = 3
    /// Longest time for name resolution, TCP and TLS of one hop.
    package var connectTimeout: Duration = .seconds(10)
    /// Longest time for everything, redirects included.
    package var totalTimeout: Duration = .seconds(120)
    /// A transfer slower than this for ``lowSpeedTime`` is given up.
    package var lowSpeedBytesPerSecond: Int = 100
    /// Rounded up to whole seconds.
    package var lowSpeedTime: Duration = .seconds(30)

    package init() {}
}
