import Transfer

/// Which failures of a request are worth another try, and when (spec section 7).
enum RetryPolicy {
    /// Tries of one request, the first included.
    static let tries = 3
    /// What a source may lose in a run to connection errors and the pauses after them.
    static let connectionErrorMilliseconds: Int64 = 20_000
    private static let baseMilliseconds: Int64 = 1_000
    private static let capMilliseconds: Int64 = 30_000

    static func isWorthARetry(status: Int) -> Bool { [408, 425, 429, 500, 502, 503, 504].contains(status) }

    static func isWorthARetry(_ kind: FetchError.Kind) -> Bool { isConnectionError(kind) || kind == .truncated }

    static func isConnectionError(_ kind: FetchError.Kind) -> Bool {
        switch kind {
        case .unresolvedHost, .refusedConnection, .network, .timeout: true
        case .invalidURL, .invalidHeader, .tls, .tooLarge, .refusedAddress, .tooManyRedirects, .refusedRedirect, .truncated, .invalidResponse,
            .cancelled, .internalFailure:
            false
        }
    }

    /// The pause after a failed try, in milliseconds: exponential backoff with full jitter (M. Brooker, "Exponential Backoff and Jitter").
    ///
    /// - Parameters:
    ///   - failures: how often the request has failed, 1 or more.
    ///   - random: a number from 0 up to and without the given one.
    static func backoff(afterFailures failures: Int, random: (Int64) -> Int64) -> Int64 {
        random(min(capMilliseconds, baseMilliseconds << Int64(min(max(failures, 1) - 1, 10))) + 1)
    }
}
