package import Hummingbird

/// What travels with one request.
package struct APIRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The caller's `X-Request-ID`, or one made for it; set by `ResponseEnvelope`.
    package var requestID = ""
    private let received = ContinuousClock.now

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
    }

    /// Time since the request's head was read.
    var elapsed: Duration { ContinuousClock.now - received }

    /// The same in whole milliseconds, as `api_latency_ms` shows it.
    var elapsedMilliseconds: Int {
        let (seconds, attoseconds) = elapsed.components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
