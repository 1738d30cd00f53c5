import CoreMetrics
import MarketData
import Synchronization
import TickerStore
import Transfer

/// Sends a source's requests, one after the other, within its quota; on the source's own thread.
struct UpstreamClient {
    let name: String
    let upstream: Upstream
    let run: ActiveRun
    let limiter: RateLimiter

    /// Asks for a URL.
    ///
    /// - Parameters:
    ///   - url: absolute, percent-encoded; the operator's own or one that an answer named.
    ///   - accept: the media types that are understood, for the `Accept` header.
    /// - Returns: An answer of status 200, or nil when there is none; the reason has been reported then, unless the run was interrupted.
    func get(_ url: String, accept: String = "application/json") -> FetchResponse? {
        guard limiter.spend(run: run) else { return nil }
        var request = FetchRequest(
            url: url,
            headers: [("Accept", accept)] + upstream.headers.map { ($0.name, $0.value) },
            userAgent: upstream.userAgent,
            limits: upstream.limits,
            allowPrivateAddresses: upstream.allowsPrivateAddresses,
            operatorURL: upstream.url
        )
        // A redirect is a request like any other: it spends.
        let holdsToken = Mutex(true)
        request.mayFollowRedirect = { [limiter, run] in
            limiter.finish()
            let isSpent = limiter.spend(run: run)
            holdsToken.withLock { $0 = isSpent }
            return isSpent
        }
        defer { if holdsToken.withLock({ $0 }) { limiter.finish() } }
        let started = run.environment.now().monotonic
        defer { IngestMetrics.latency(.extract).recordMilliseconds(run.environment.now().monotonic - started) }
        do throws(FetchError) {
            let response = try Fetcher.fetch(request, cancellation: run.cancellation)
            guard response.status != 200 else { return response }
            report(response, to: url)
        } catch {
            if error.kind != .cancelled { run.report(error.kind.errorType, source: name, error.description) }
        }
        return nil
    }

    private func report(_ response: FetchResponse, to url: String) {
        let type: RunRecord.ErrorType =
            switch response.status {
            case 429: .rateLimited
            case 402: .budget
            default: .httpStatus
            }
        run.report(type, source: name, "\(redacted(url: url)) answered \(response.status): \(excerpt(response.body))")
    }
}

/// The first bytes of a body, fit for one line of a log.
func excerpt(_ body: [UInt8]) -> String {
    let text = String(decoding: body.prefix(120), as: UTF8.self)
    let line = String(text.map { $0.isNewline ? " " : $0 })
    return line.isEmpty ? "(nothing)" : line
}

extension FetchError.Kind {
    /// The metric's and the run record's name for this failure.
    fileprivate var errorType: RunRecord.ErrorType {
        switch self {
        case .timeout: .timeout
        case .tls: .tls
        case .tooLarge: .tooLarge
        case .cancelled: .interrupted
        case .invalidURL, .invalidHeader, .unresolvedHost, .refusedConnection, .network, .refusedAddress, .tooManyRedirects, .refusedRedirect,
            .truncated, .invalidResponse, .internalFailure:
            .network
        }
    }
}
