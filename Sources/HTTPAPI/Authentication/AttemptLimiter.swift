import Synchronization

/// How often an address may be wrong about a token.
///
/// Each has ten attempts, and gets one back every six seconds: ten a minute in the long run. The table is small; when it is full, the address
/// that was heard of longest ago is forgotten.
final class AttemptLimiter: Sendable {
    static let attempts = 10
    static let restoreTime = Duration.seconds(6)
    static let addresses = 4_096

    private struct Bucket {
        /// When all attempts are there again.
        var fullAt: ContinuousClock.Instant
    }

    private let buckets = Mutex<[ClientAddress: Bucket]>([:])

    /// Addresses that are remembered.
    var count: Int { buckets.withLock { $0.count } }

    /// Seconds until the address may try again, 1 or more; nil: now.
    func wait(for address: ClientAddress, at now: ContinuousClock.Instant) -> Int? {
        guard let bucket = buckets.withLock({ $0[address] }) else { return nil }
        // With no attempt left, all of them are `attempts` times the restore time away.
        let wait = bucket.fullAt - now - Self.restoreTime * (Self.attempts - 1)
        guard wait > .zero else { return nil }
        let (seconds, rest) = wait.components
        return Int(seconds) + (rest > 0 ? 1 : 0)
    }

    /// The address was wrong.
    func failed(_ address: ClientAddress, at now: ContinuousClock.Instant) {
        buckets.withLock { buckets in
            if buckets[address] == nil, buckets.count >= Self.addresses { Self.makeRoom(in: &buckets, now) }
            let before = max(buckets[address]?.fullAt ?? now, now)
            // Who goes on while there is no attempt left does not make it worse.
            buckets[address] = Bucket(fullAt: min(before + Self.restoreTime, now + Self.restoreTime * Self.attempts))
        }
    }

    private static func makeRoom(in buckets: inout [ClientAddress: Bucket], _ now: ContinuousClock.Instant) {
        buckets = buckets.filter { $0.value.fullAt > now }
        guard buckets.count >= addresses, let oldest = buckets.min(by: { $0.value.fullAt < $1.value.fullAt }) else { return }
        buckets[oldest.key] = nil
    }
}
