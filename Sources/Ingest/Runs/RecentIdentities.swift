import MarketData

/// Tells rows of a file that have the coin and time of an earlier one, as far as that is among the last ones, in constant memory and a few
/// nanoseconds a row: each identity replaces the one that had its place.
struct RecentIdentities {
    private static let placeBits = 16

    /// Goes into each identity, so that those of other files need not be cleared away.
    private var file: UInt64 = 0
    private var places = [UInt64](repeating: 0, count: 1 << placeBits)
    /// Rows whose identity was there.
    private(set) var repeats: Int

    init(repeats: Int = 0) { self.repeats = repeats }

    /// - Parameter series: a number that stands for it.
    mutating func add(series: Int, _ timestamp: Timestamp) {
        // The finalizer of SplitMix64: neighbours in time get far-off places.
        var hash = UInt64(bitPattern: timestamp.milliseconds) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(series) &+ file << 40
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        let place = Int(hash >> (64 - Self.placeBits))
        if places[place] == hash { repeats += 1 } else { places[place] = hash }
    }

    /// Begins anew, as with the next file.
    mutating func reset() {
        repeats = 0
        file += 1
    }
}
