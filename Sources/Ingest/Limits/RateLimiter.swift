import CoreMetrics
import Logging
import MarketData
import Synchronization
import TickerStore

/// A source's token bucket, kept on disk: the spend is durable before the request is sent, so that no restart forgets it.
final class RateLimiter: Sendable {
    /// A longer wait for quota ends the source in this run (spec section 6).
    private static let longestWaitMilliseconds: Int64 = 120_000

    let name: String
    private let store: Store
    private let environment: IngestEnvironment
    private let bucket: Mutex<TokenBucket>

    init(name: String, quota: Int, store: Store, environment: IngestEnvironment) {
        self.name = name
        self.store = store
        self.environment = environment
        let kept = store.openingState.first { $0.key == Self.key(name) }?.value
        let now = environment.now()
        bucket = Mutex(kept.map { TokenBucket(quota: quota, decoding: $0, at: now) } ?? TokenBucket(quota: quota))
    }

    private static func key(_ name: String) -> String { "limiter/" + name }

    var quota: Int { bucket.withLock { $0.quota } }
    var available: Int { bucket.withLock { $0.available(at: environment.now()) } }

    /// Waits for a token and writes down that it is spent. False when the call must not be made; the reason has been reported.
    func spend(run: ActiveRun) -> Bool {
        while let wait = bucket.withLock({ $0.take(at: environment.now()) }) {
            guard wait <= Self.longestWaitMilliseconds else {
                run.report(.rateLimited, source: name, "the quota of \(quota) requests a minute is used up for \(wait / 1_000) s")
                return false
            }
            IngestMetrics.throttled(source: name).increment()
            IngestMetrics.waited(source: name).recordMilliseconds(wait)
            run.update { $0.throttleEvents += 1 }
            environment.logger.notice("waiting for quota", metadata: ["source": "\(name)", "milliseconds": "\(wait)"])
            environment.pause(milliseconds: wait, run.cancellation)
            if run.isCancelled { return false }
        }
        do throws(StoreError) {
            _ = try store.commit(Batch(origin: origin, change: kept()))
            return true
        } catch {
            bucket.withLock { $0.giveBack() }
            run.report(.store, source: name, "the spend could not be written down, so nothing is sent: \(error)")
            return false
        }
    }

    /// The call has ended.
    func finish() {
        bucket.withLock { $0.finish(at: environment.now()) }
    }

    /// The bucket for the store's state.
    func kept() -> StateChange {
        let now = environment.now()
        return StateChange(key: Self.key(name), value: bucket.withLock { $0.encoded(at: now) })
    }

    private var origin: BatchOrigin {
        BatchOrigin(runID: "", number: 0, source: name, fetchedAt: Timestamp(milliseconds: environment.now().wall))
    }
}

extension Batch {
    /// A batch that only changes the state.
    init(origin: BatchOrigin, change: StateChange...) {
        self.init(origin: origin)
        state = { _ in change }
    }
}
