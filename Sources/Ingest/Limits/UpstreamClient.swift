import CoreMetrics
import MarketData
import Synchronization
import TickerStore
import Transfer

/// Sends a source's requests, one after the other, within its limits, and tries again what may go better; on the source's own thread.
struct UpstreamClient {
    let name: String
    let upstream: Upstream
    let run: ActiveRun
    let limiter: RateLimiter

    /// What one try came to.
    private enum Outcome {
        case response(FetchResponse)
        case failure(FetchError)
        /// No answer is wanted any more; what there is to say has been said.
        case stopped
    }

    /// Asks for a URL; up to three times.
    ///
    /// - Parameters:
    ///   - url: absolute, percent-encoded; the operator's own or one that an answer named.
    ///   - accept: the media types that are understood, for the `Accept` header.
    ///   - validators: such as `If-None-Match`; with them 304 is an answer, too.
    /// - Returns: An answer of status 200, or nil when there is none; the reason has been reported then, unless the run was interrupted.
    func get(_ url: String, accept: String = "application/json", validators: [NamedText] = []) -> FetchResponse? {
        var failures = RequestFailures(place: redacted(url: url))
        var earliest = Int64.min
        while true {
            switch limiter.reserve(for: run, earliest: earliest) {
            case .granted: break
            case .interrupted: return nil
            case .refused(let type, let reason):
                report(type, reason, failures)
                return nil
            }
            let started = now
            let (outcome, waited) = send(url, accept, validators)
            IngestMetrics.latency(.extract).recordMilliseconds(now - started)
            var isWorthARetry: Bool
            var isConnectionError = false
            switch outcome {
            case .stopped: return nil
            case .response(let response):
                if response.status == 200 || response.status == 304 && !validators.isEmpty { return response }
                failures.append(Self.errorType(ofStatus: response.status), String(response.status), excerpt(response.body))
                isWorthARetry = RetryPolicy.isWorthARetry(status: response.status)
            case .failure(let error):
                failures.append(error.kind.errorType, error.kind.rawValue, error.description)
                isWorthARetry = RetryPolicy.isWorthARetry(error.kind)
                isConnectionError = RetryPolicy.isConnectionError(error.kind)
            }
            let pause = RetryPolicy.backoff(afterFailures: failures.count, random: run.environment.random)
            if isConnectionError, !limiter.addConnectionError(milliseconds: now - started - waited + pause, in: run) { isWorthARetry = false }
            guard isWorthARetry, failures.count < RetryPolicy.tries, limiter.allowsRetry else {
                report(failures.type ?? .network, failures.type == .budget ? paymentAdvice : nil, failures)
                return nil
            }
            earliest = now + pause
        }
    }

    /// One try, redirects included; its token is spent.
    ///
    /// - Returns: What it came to, and the milliseconds in which a redirect waited for its token.
    private func send(_ url: String, _ accept: String, _ validators: [NamedText]) -> (Outcome, waited: Int64) {
        var request = FetchRequest(
            url: url,
            headers: [("Accept", accept)] + (upstream.headers + validators).map { ($0.name, $0.value) },
            userAgent: upstream.userAgent,
            limits: upstream.limits,
            allowPrivateAddresses: upstream.allowsPrivateAddresses,
            operatorURL: upstream.url
        )
        request.certificateFile = upstream.certificateFile
        // The time for connection errors ends a try that only it can end.
        request.limits.connectTimeout = min(request.limits.connectTimeout, .milliseconds(limiter.connectionErrorMillisecondsLeft(in: run)))
        // A redirect is a request like any other: it spends.
        let holdsToken = Mutex(true)
        let waited = Mutex(Int64(0))
        request.mayFollowRedirect = { [name, limiter, run] in
            limiter.finishHop()
            holdsToken.withLock { $0 = false }
            let asked = run.environment.now().monotonic
            defer { waited.withLock { $0 += run.environment.now().monotonic - asked } }
            switch limiter.reserve(for: run, isRedirect: true) {
            case .granted:
                holdsToken.withLock { $0 = true }
                return true
            case .interrupted: break
            case .refused(let type, let reason):
                run.report(type, source: name, "\(redacted(url: url)) redirects, and \(reason ?? "no other request may be sent")")
            }
            return false
        }
        do throws(FetchError) {
            let response = try Fetcher.fetch(request, cancellation: run.cancellation)
            IngestMetrics.responses(source: name, status: response.status).increment()
            limiter.finish(status: response.status, headers: response.headers, runID: run.runID)
            return (.response(response), waited.withLock { $0 })
        } catch {
            let isCancelled = error.kind == .cancelled
            if !isCancelled { IngestMetrics.responses(source: name, status: nil).increment() }
            if holdsToken.withLock({ $0 }) { limiter.finish(status: nil, runID: run.runID) }
            return (isCancelled ? .stopped : .failure(error), waited.withLock { $0 })
        }
    }

    /// What happens after the first 402.
    private var paymentAdvice: String? {
        limiter.limits.notBefore.map { "no other request is sent before \($0), but by a refresh of this source alone" }
    }

    private var now: Int64 { run.environment.now().monotonic }

    /// - Parameter refusal: why no (other) request was sent.
    private func report(_ type: RunRecord.ErrorType, _ refusal: String?, _ failures: RequestFailures) {
        let parts = [failures.count > 0 ? failures.message : nil, refusal].compactMap { $0 }
        if !parts.isEmpty { run.report(type, source: name, parts.joined(separator: "; ")) }
    }

    private static func errorType(ofStatus status: Int) -> RunRecord.ErrorType {
        switch status {
        case 429: .rateLimited
        case 402: .budget
        default: .httpStatus
        }
    }
}

/// The first bytes of a body, fit for one line of a log; the ellipsis tells who masks secrets that one may be cut here.
func excerpt(_ body: [UInt8]) -> String {
    let shown = 120
    let text = String(decoding: body.prefix(shown), as: UTF8.self)
    let line = String(text.map { $0.isNewline ? " " : $0 })
    return line.isEmpty ? "(nothing)" : body.count > shown ? line + "…" : line
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
