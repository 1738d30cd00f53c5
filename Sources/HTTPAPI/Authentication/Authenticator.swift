import CoreMetrics
import HTTPTypes
import NIOCore
import Synchronization
package import Telemetry

/// Decides who may use a route that not everyone may (spec section 9, Auth).
///
/// A wrong token is counted against the client's address. When the address has no attempt left, the answer is 429 and the token is not looked
/// at, unless no number of attempts would find the right one: with a generated token nobody is locked out because of a neighbour, and with a
/// short one of the operator's own choice for a few seconds at most after the last wrong one. A right token never waits.
package final class Authenticator: Sendable {
    /// Counts what was refused, by `reason`.
    package static let failures = MetricDefinition(
        "kasparro_auth_failures_total",
        .counter,
        "Requests without a right token where one is needed, by reason.",
        labels: [MetricLabel("reason", .known(AuthenticationFailure.allCases.map(\.rawValue)))]
    )

    /// Which routes it is asked for.
    package let scope: AuthenticationScope
    private let source: any CredentialReading
    private let expectation: WebTokens.Expectation
    private let trustedProxies: AddressList
    private let now: @Sendable () -> ContinuousClock.Instant
    private let seconds: @Sendable () -> Int64
    private let limiter = AttemptLimiter()
    private let counters: [AuthenticationFailure: any CounterHandler]
    private let known = Mutex<Known?>(nil)

    /// Credentials, made ready, and when they were last looked for.
    private struct Known {
        var credentials: Credentials
        var token: BearerToken?
        var webTokens: WebTokens?
        var readAt: ContinuousClock.Instant
    }

    /// Old credentials are good no longer after so long; new ones are at once.
    private static let memoryTime = Duration.seconds(1)

    /// - Parameters:
    ///   - source: read when somebody wants to be let in, at most once a second unless he is not.
    ///   - trustedProxies: whose `X-Forwarded-For` is believed.
    ///   - now: a clock that only goes forward.
    ///   - seconds: seconds since 1970, for the times in tokens.
    package init(
        source: any CredentialReading,
        scope: AuthenticationScope = .post,
        expectation: WebTokens.Expectation = WebTokens.Expectation(),
        trustedProxies: AddressList = AddressList(),
        registry: PrometheusRegistry,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        seconds: @escaping @Sendable () -> Int64
    ) {
        self.source = source
        self.scope = scope
        self.expectation = expectation
        self.trustedProxies = trustedProxies
        self.now = now
        self.seconds = seconds
        var counters: [AuthenticationFailure: any CounterHandler] = [:]
        for reason in AuthenticationFailure.allCases {
            counters[reason] = registry.makeCounter(label: Self.failures.name, dimensions: [("reason", reason.rawValue)])
        }
        self.counters = counters
    }

    /// Returns when the request has a right token.
    func check(_ headers: HTTPFields, from peer: SocketAddress?) async throws(Problem) {
        guard let given = BearerToken.given(in: headers) else { throw refuse(.missing) }
        let address = address(of: headers, from: peer)
        let instant = now()
        let known = await knownCredentials(asOf: instant - Self.memoryTime)
        let wait = limiter.wait(for: address, at: instant)
        // A short token could be guessed; one with a signature could not, so its holder is let in whatever others try.
        let isWithheld = wait != nil && known.token?.isUnguessable == false
        var failure = judge(given, known, isWithheld: isWithheld)
        // A token may have been made since the credentials were last read.
        if failure != nil, wait == nil, known.readAt < instant {
            failure = judge(given, await knownCredentials(asOf: instant), isWithheld: false)
        }
        guard let failure else { return }
        // One that was good once is no guess.
        if failure == .expired { throw refuse(.expired) }
        if let wait, isWithheld { throw refuse(.throttled, wait: wait) }
        limiter.failed(address, at: instant)
        throw wait.map { refuse(.throttled, wait: $0) } ?? refuse(failure)
    }

    /// nil: it is a right one.
    ///
    /// - Parameter isWithheld: The opaque token is not compared.
    private func judge(_ given: String, _ known: Known, isWithheld: Bool) -> AuthenticationFailure? {
        if !isWithheld, known.token?.matches(given) == true { return nil }
        guard let webTokens = known.webTokens, given.contains(".") else { return .wrong }
        return switch webTokens.judge(given, now: seconds()) {
        case .good: nil
        case .expired: .expired
        case .bad: .wrong
        }
    }

    /// Behind a proxy of ours, the client is whom the proxy saw; what stands before that in the line was written by the client.
    private func address(of headers: HTTPFields, from peer: SocketAddress?) -> ClientAddress {
        // A peer without an address is on this machine.
        let direct = ClientAddress(peer) ?? ClientAddress("127.0.0.1")!
        guard trustedProxies.contains(direct), let forwarded = headers[values: .xForwardedFor].last,
            let last = forwarded.split(separator: ",").last, let client = ClientAddress(last.filter { $0 != " " && $0 != "\t" })
        else { return direct.client }
        return client.client
    }

    /// Credentials that were read after `earliest`.
    private func knownCredentials(asOf earliest: ContinuousClock.Instant) async -> Known {
        let before = known.withLock { $0 }
        if let before, before.readAt > earliest { return before }
        let instant = now()
        let credentials = (try? await ReadingPool.runShort { [source] in source.current() }) ?? before?.credentials ?? Credentials()
        var found = Known(credentials: credentials, readAt: instant)
        if let before, before.credentials == credentials {
            (found.token, found.webTokens) = (before.token, before.webTokens)
        } else {
            found.token = BearerToken(credentials.token)
            if let key = credentials.key { found.webTokens = WebTokens(key: key, expectation: expectation) }
        }
        known.withLock { [found] in $0 = found }
        return found
    }

    private func refuse(_ failure: AuthenticationFailure, wait: Int? = nil) -> Problem {
        counters[failure]?.increment(by: 1)
        return Problem(failure, wait: wait)
    }
}

extension HTTPField.Name {
    fileprivate static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
}
