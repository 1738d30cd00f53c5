/// A seeded random source (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
    mutating func bool() -> Bool { next() & 1 == 0 }
    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
}

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
