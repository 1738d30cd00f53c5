import TickerStore

/// What runs are made of, and what may change between them.
struct RunSetup: Sendable {
    var sources: [SourceDefinition]
    var environment: IngestEnvironment
    /// Of every source that this process has ever had: what was spent must not be forgotten with a source that comes back.
    var limiters: [String: RateLimiter]

    /// The limiters for these sources, beside those that are there already, which get the quotas of today.
    static func limiters(
        of sources: [SourceDefinition],
        _ known: [String: RateLimiter],
        _ store: Store,
        _ environment: IngestEnvironment
    ) -> [String: RateLimiter] {
        var limiters = known
        for definition in sources {
            guard let quota = definition.upstream?.quota else { continue }
            if let limiter = known[definition.name] {
                limiter.change(to: quota)
            } else {
                limiters[definition.name] = RateLimiter(name: definition.name, quota: quota, store: store, environment: environment)
            }
        }
        return limiters
    }
}
