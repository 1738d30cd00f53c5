import TestSupport

/// Runs rounds with new seeds until a time budget is used up. A failure names the seed it was found with, and the
/// environment variable `KASPARRO_SEED` runs that one alone.
func fuzz(milliseconds: Int = 1_500, _ round: (UInt64, inout SplitMix64) throws -> Void) rethrows {
    if let text = environment("KASPARRO_SEED"), let seed = UInt64(text) {
        var random = SplitMix64(seed: seed)
        return try round(seed, &random)
    }
    let clock = ContinuousClock()
    let end = clock.now + .milliseconds(milliseconds)
    var seed: UInt64 = 1
    while clock.now < end {
        var random = SplitMix64(seed: seed)
        try round(seed, &random)
        seed += 1
    }
}
