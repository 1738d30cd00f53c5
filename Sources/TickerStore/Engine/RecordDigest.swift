import MarketData

/// 128 bits of a cryptographic hash.
package struct RecordDigest: Hashable, Comparable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    @inline(__always)
    package static func < (a: RecordDigest, b: RecordDigest) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

extension RecordDigest {
    /// From 32 lower-case hex digits, as a quarantined record has them in its `id`.
    package init?(hexadecimal text: String) {
        guard let words = StoreID(text) else { return nil }
        self.init(high: words.high, low: words.low)
    }

    /// The 32 digits.
    package var hexadecimal: String { Hexadecimal.text(high) + Hexadecimal.text(low) }
}
