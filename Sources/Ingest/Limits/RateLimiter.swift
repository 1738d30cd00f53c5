import CoreMetrics
import Logging
import MarketData
import Synchronization
import TickerStore

/// A source's limiter, kept on disk: the spend is durable before the request is sent, so that no restart forgets it.
final class RateLimiter: Sendable {
    /// A longer wait ends the source in this run (spec section 6).
    static let longestWaitMilliseconds: Int64 = 120_000

    /// What became of asking for a request.
    enum Reservation {
        /// Send it, then call `finish`.
        case granted
        /// The run is being stopped.
        case interrupted
        /// Not to be sent; nil when the reason is in the record already.
        case refused(RunRecord.ErrorType, String?)
    }

    let name: String
    private let store: Store
    private let environment: IngestEnvironment
    private let state: Mutex<State>

    private struct State {
        var limiter: RequestLimiter
        /// Of each run that asks, by its id; a preview may go on beside a run.
        var attempts: [String: Attempt] = [:]
        var throttleEvents = 0
        /// How often the quota was changed.
        var changes = 0
        /// Milliseconds since 1970, and why.
        var wait: (until: Int64, reason: RequestLimiter.WaitReason)?
    }

    /// What one run may spend beside requests.
    private struct Attempt {
        /// The one request that a manual run may send although the API wants to be paid is sent.
        var isManualRequestUsed = false
        var connectionErrorMilliseconds: Int64 = 0
        /// Whether any request was sent.
        var hasSent = false
    }

    init(name: String, quota: Quota, store: Store, environment: IngestEnvironment) {
        self.name = name
        self.store = store
        self.environment = environment
        let now = environment.now()
        var warning: String?
        if let kept = store.openingState.first(where: { $0.key == Self.key(name) })?.value {
            state = Mutex(State(limiter: RequestLimiter(quota: quota, decoding: kept, at: now, warning: &warning)))
        } else {
            state = Mutex(State(limiter: RequestLimiter(quota: quota, at: now)))
        }
        if let warning { environment.logger.warning("\(warning)", metadata: ["source": "\(name)"]) }
    }

    static func key(_ name: String) -> String { "limiter/" + name }

    /// Another quota counts from now on, also in a run that goes on: who waits looks again.
    func change(to quota: Quota) {
        state.withLock { state in
            state.limiter.change(to: quota)
            state.changes += 1
        }
    }

    // MARK: Requests

    /// Waits until a request may be sent, and writes down that it is.
    ///
    /// - Parameters:
    ///   - isRedirect: the request is another hop of the one that was granted last.
    ///   - earliest: no sooner than this monotonic time.
    func reserve(for run: ActiveRun, isRedirect: Bool = false, earliest: Int64 = .min) -> Reservation {
        let isManual = begin(run)
        var waited: Int64 = 0
        var isThrottled = false
        defer {
            if waited > 0 { IngestMetrics.waited(source: name).recordMilliseconds(waited) }
        }
        while !run.mustStop {
            let now = environment.now()
            let (admission, changes) = state.withLock { state in
                let isFirstManual = isManual && state.attempts[run.runID]?.isManualRequestUsed != true
                let purpose: RequestLimiter.Purpose = isRedirect ? .redirect : isFirstManual ? .manual : .scheduled
                return (state.limiter.admit(purpose, earliest: earliest, at: now), state.changes)
            }
            switch admission {
            case .granted: return spend(isManual: isManual, in: run)
            case .refused(let refusal): return .refused(refusal.errorType, refusal.message)
            case .wait(let wait, let reason):
                let until = Timestamp(milliseconds: now.wall + wait)
                guard wait <= Self.longestWaitMilliseconds else {
                    return .refused(
                        .rateLimited,
                        "no request may be sent before \(until), in \(wait / 1_000) s; a run waits for 120 s at most, later runs go on"
                    )
                }
                if reason == .quota, !isThrottled {
                    isThrottled = true
                    IngestMetrics.throttled(source: name).increment()
                    run.update { $0.throttleEvents += 1 }
                    state.withLock { $0.throttleEvents += 1 }
                }
                self.wait(wait, until, reason, run, changes)
                waited += min(wait, environment.now().monotonic - now.monotonic)
            }
        }
        return .interrupted
    }

    /// The call has ended. What a restart must know of its answer is on disk then.
    ///
    /// - Parameters:
    ///   - status: nil when there was no answer.
    ///   - headers: of the answer.
    ///   - runID: of the run that asked, for the log.
    func finish(status: Int?, headers: [(name: String, value: String)] = [], runID: String) {
        let now = environment.now()
        let hint = RateLimitHint(headers: headers, at: now.wall)
        let absorbed = state.withLock { state in
            state.limiter.finish(at: now)
            return state.limiter.absorb(status: status, hint: hint, at: now)
        }
        let metadata: Logger.Metadata = ["run_id": "\(runID)", "source": "\(name)"]
        if let warning = absorbed.warning { environment.logger.warning("\(warning)", metadata: metadata) }
        guard absorbed.mustBeKept else { return }
        do throws(StoreError) {
            try keep()
        } catch {
            environment.logger.warning(
                "what the answer says about limits could not be written down and is forgotten by a restart: \(error)",
                metadata: metadata
            )
        }
    }

    /// A hop that redirects has ended; another one follows, or nothing.
    func finishHop() {
        state.withLock { $0.limiter.finish(at: environment.now()) }
    }

    /// Whether a request that failed may be sent once more; a circuit that is open, or a 402, lets only one through.
    var allowsRetry: Bool { state.withLock { $0.limiter.allowsRetry } }

    /// Adds to the time that the present run has lost to connection errors of this source; false when there is none left.
    func addConnectionError(milliseconds: Int64, in run: ActiveRun) -> Bool {
        state.withLock { state in
            let sum = (state.attempts[run.runID]?.connectionErrorMilliseconds ?? 0) + max(0, milliseconds)
            state.attempts[run.runID]?.connectionErrorMilliseconds = sum
            return sum < RetryPolicy.connectionErrorMilliseconds
        }
    }

    /// How long connecting may take; a second at least, so that each request has a chance.
    func connectionErrorMillisecondsLeft(in run: ActiveRun) -> Int64 {
        state.withLock { max(1_000, RetryPolicy.connectionErrorMilliseconds - ($0.attempts[run.runID]?.connectionErrorMilliseconds ?? 0)) }
    }

    /// The source's part in a run has ended; the end of the run writes that down. One that was interrupted or sent nothing says nothing about
    /// the server, and neither does a preview, which nobody repeats on schedule.
    ///
    /// - Parameter succeeded: all that was asked for came; nil when the part was interrupted.
    func attemptEnded(of run: ActiveRun, succeeded: Bool?) {
        state.withLock { state in
            guard let attempt = state.attempts.removeValue(forKey: run.runID), attempt.hasSent, !run.isPreview, let succeeded else { return }
            state.limiter.attemptEnded(succeeded: succeeded)
        }
    }

    // MARK: For the state, and for those who watch

    var quota: Quota { state.withLock { $0.limiter.quota } }

    /// Tokens there now.
    var available: Int { state.withLock { $0.limiter.available(at: environment.now()) } }

    var limits: SourceLimits {
        let now = environment.now()
        return state.withLock { state in
            SourceLimits(
                effectivePerMinute: state.limiter.effectiveQuota(at: now),
                notBefore: state.limiter.notBefore(at: now).map { Timestamp(milliseconds: $0) },
                monthUsed: state.limiter.monthUsed(at: now),
                monthBudget: state.limiter.quota.perMonth,
                circuit: state.limiter.circuit.rawValue,
                throttleEvents: state.throttleEvents,
                waitingUntil: state.wait.map { Timestamp(milliseconds: $0.until) },
                waitingFor: state.wait?.reason.rawValue
            )
        }
    }

    /// The limiter for the store's state.
    func kept() -> StateChange {
        let now = environment.now()
        return StateChange(key: Self.key(name), value: state.withLock { $0.limiter.encoded(at: now) })
    }

    // MARK: Steps

    /// Notes which run asks; true when somebody asked for this very source.
    private func begin(_ run: ActiveRun) -> Bool {
        state.withLock { state in
            guard state.attempts[run.runID] == nil else { return }
            state.attempts[run.runID] = Attempt()
            state.limiter.beginAttempt()
        }
        let record = run.record
        return record.source == name && ["manual", "cli"].contains(record.trigger)
    }

    private func spend(isManual: Bool, in run: ActiveRun) -> Reservation {
        do throws(StoreError) {
            try keep()
            state.withLock { state in
                state.attempts[run.runID]?.hasSent = true
                if isManual { state.attempts[run.runID]?.isManualRequestUsed = true }
            }
            return .granted
        } catch {
            state.withLock { $0.limiter.giveBack() }
            return .refused(.store, "the spend could not be written down, so nothing is sent: \(error)")
        }
    }

    /// - Parameter changes: how often the quota had been changed when the wait was found necessary; another change ends it.
    private func wait(_ milliseconds: Int64, _ until: Timestamp, _ reason: RequestLimiter.WaitReason, _ run: ActiveRun, _ changes: Int) {
        environment.logger.notice(
            "waiting before a request",
            metadata: [
                "run_id": "\(run.runID)", "source": "\(name)", "reason": "\(reason.rawValue)", "milliseconds": "\(milliseconds)", "until": "\(until)",
            ]
        )
        state.withLock { $0.wait = (until.milliseconds, reason) }
        environment.pause(milliseconds: milliseconds) { run.mustStop || state.withLock { $0.changes } != changes }
        state.withLock { $0.wait = nil }
    }

    private func keep() throws(StoreError) {
        let now = Timestamp(milliseconds: environment.now().wall)
        var batch = Batch(origin: BatchOrigin(runID: "", number: 0, source: name, fetchedAt: now))
        // Asked in the middle of the commit, so that of two commits the later one has the newer state.
        batch.state = { [self] _ in [kept()] }
        _ = try store.commit(batch)
    }
}

extension RequestLimiter.Refusal {
    fileprivate var errorType: RunRecord.ErrorType {
        switch self {
        case .paymentRequired, .monthBudget: .budget
        case .circuitOpen: .network
        }
    }

    fileprivate var message: String? {
        switch self {
        case .paymentRequired(let nextProbe):
            "the API answered 402 before: its budget is used up or it wants to be paid; one request is tried at \(Timestamp(milliseconds: nextProbe)),"
                + " or at once by a refresh of this source alone"
        case .monthBudget(let budget, let until):
            "the budget of \(budget) requests for this month is used up; the next one begins at \(Timestamp(milliseconds: until))"
        case .circuitOpen: nil
        }
    }
}
