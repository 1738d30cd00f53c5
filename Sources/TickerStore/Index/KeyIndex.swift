/// The hash index over all rows that are not sealed: (series, timestamp) → where the live line is.
///
/// Open addressing with linear probing in three flat arrays, 20 bytes a slot, at most 3/4 full: a Swift dictionary of
/// the same content takes twice that.
struct KeyIndex: Sendable {
    private var series: [UInt32]
    private var timestamps: [Int64]
    private var locators: [UInt64]
    private(set) var count = 0
    private var mask: Int

    private static let empty = UInt32.max

    init(minimumCapacity: Int = 1024) {
        var capacity = 1024
        while capacity * 3 < minimumCapacity * 4 { capacity *= 2 }
        series = [UInt32](repeating: Self.empty, count: capacity)
        timestamps = [Int64](repeating: 0, count: capacity)
        locators = [UInt64](repeating: 0, count: capacity)
        mask = capacity - 1
    }

    @inline(__always)
    private func slot(_ series: UInt32, _ timestamp: Int64) -> Int {
        var hash = UInt64(bitPattern: timestamp) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(series) &* 0xC2B2_AE3D_27D4_EB4F
        hash ^= hash >> 32
        hash = hash &* 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 29
        return Int(truncatingIfNeeded: hash) & mask
    }

    /// The place of a key, or of the empty slot where it would go.
    @inline(__always)
    private func find(_ number: UInt32, _ timestamp: Int64) -> Int {
        var position = slot(number, timestamp)
        while series[position] != Self.empty && (series[position] != number || timestamps[position] != timestamp) {
            position = (position + 1) & mask
        }
        return position
    }

    /// The live line of a key.
    func locator(series number: UInt32, timestamp: Int64) -> LineLocator? {
        let position = find(number, timestamp)
        return series[position] == Self.empty ? nil : LineLocator(packed: locators[position])
    }

    /// Points a key at its new live line; gives the line it pointed at before.
    @discardableResult
    mutating func set(series number: UInt32, timestamp: Int64, to locator: LineLocator) -> LineLocator? {
        if (count + 1) * 4 > (mask + 1) * 3 { grow() }
        let position = find(number, timestamp)
        if series[position] == Self.empty {
            series[position] = number
            timestamps[position] = timestamp
            locators[position] = locator.packed
            count += 1
            return nil
        }
        let old = locators[position]
        locators[position] = locator.packed
        return LineLocator(packed: old)
    }

    /// Removes a key, closing the gap so that every other key is still found from its own slot.
    mutating func remove(series number: UInt32, timestamp: Int64) {
        var gap = find(number, timestamp)
        guard series[gap] != Self.empty else { return }
        count -= 1
        var position = gap
        while true {
            position = (position + 1) & mask
            if series[position] == Self.empty { break }
            let home = slot(series[position], timestamps[position])
            // The entry may move into the gap unless its home lies cyclically behind it.
            if (position - home) & mask >= (position - gap) & mask {
                series[gap] = series[position]
                timestamps[gap] = timestamps[position]
                locators[gap] = locators[position]
                gap = position
            }
        }
        series[gap] = Self.empty
    }

    private mutating func grow() {
        var larger = KeyIndex(minimumCapacity: (mask + 1) * 3 / 2)
        for position in 0...mask where series[position] != Self.empty {
            larger.set(series: series[position], timestamp: timestamps[position], to: LineLocator(packed: locators[position]))
        }
        self = larger
    }
}
