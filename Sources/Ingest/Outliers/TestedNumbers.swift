import MarketData

/// The numbers of a row that are tested, as machine numbers: good enough for statistics, and for nothing else.
struct TestedNumbers {
    /// By `OutlierField`; not a number where the row has null.
    let values: InlineArray<3, Double>

    /// - Parameters: canonical literals that are not negative; empty for null.
    init(price: Span<UInt8>, volume: Span<UInt8>, marketCap: Span<UInt8>) {
        values = [Self.value(price), Self.value(volume), Self.value(marketCap)]
    }

    /// The numbers of a stored line; nil when it is none.
    init?(line: Span<UInt8>) {
        guard let layout = TickerLineLayout(line) else { return nil }
        func literal(_ range: Range<Int>) -> Range<Int> {
            line[range.lowerBound] == UInt8(ascii: "n") ? range.lowerBound..<range.lowerBound : range
        }
        self.init(
            price: line.extracting(literal(layout.price)),
            volume: line.extracting(literal(layout.volume)),
            marketCap: line.extracting(literal(layout.marketCap))
        )
    }

    subscript(field: OutlierField) -> Double { values[field.rawValue] }

    /// The value of a canonical literal to about 18 digits before it is rounded to a `Double`; not a number for an empty one.
    @inline(__always)
    private static func value(_ literal: Span<UInt8>) -> Double {
        if literal.isEmpty { return .nan }
        var digits: UInt64 = 0
        // value = digits × 10^scale
        var scale = 0
        var step = 0
        for index in literal.indices {
            let digit = UInt64(literal[index] &- UInt8(ascii: "0"))
            if digit > 9 {
                // The point: a canonical literal has at most one, and no exponent.
                step = -1
            } else if digits < 1_000_000_000_000_000_000 {
                digits = digits &* 10 &+ digit
                scale += step
            } else {
                scale += step + 1
            }
        }
        return scale < 0 ? Double(digits) / powers[-scale] : Double(digits) * powers[scale]
    }

    /// 10^n up to the length of the longest literal.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24,
        1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38, 1e39, 1e40, 1e41, 1e42, 1e43, 1e44, 1e45, 1e46, 1e47,
        1e48, 1e49, 1e50, 1e51, 1e52, 1e53, 1e54, 1e55, 1e56, 1e57, 1e58, 1e59, 1e60, 1e61, 1e62, 1e63, 1e64,
    ]
}
