/// One request to one server: a fetch is a hop, plus one for each redirect.
struct Hop {
    let target: WebAddress
    let headers: [(name: String, value: String)]
    let userAgent: String
    let limits: FetchLimits
    let policy: AddressPolicy
    /// nil for a direct connection.
    let proxy: String?
    /// The socket to connect to in the place of the target's host and port.
    let unixSocket: String?
    let isPost: Bool
    /// Sent with a POST.
    let body: [UInt8]
    let takeBody: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
    let acceptsGzip: Bool
    /// nil: the system's authorities.
    let certificateFile: String?
    /// When the whole fetch must be over, this hop included.
    let deadline: ContinuousClock.Instant

    /// What is connected to, as messages name it.
    var endpoint: String { unixSocket ?? target.endpoint }

    func failure(_ kind: FetchError.Kind, _ message: String) -> FetchError {
        FetchError(kind, message, url: target.url)
    }
}

/// What one hop was answered.
struct HopResponse {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]
}
