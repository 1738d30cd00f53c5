/// A field whose values are tested (spec section 5); the raw value is its place in `TestedNumbers` and in a series' windows.
package enum OutlierField: Int, CaseIterable, Sendable {
    case price
    case volume
    case marketCap

    /// As in rows.
    package var name: String {
        switch self {
        case .price: TickerField.price.rawValue
        case .volume: TickerField.volume.rawValue
        case .marketCap: TickerField.marketCap.rawValue
        }
    }
}

/// What is odd about a value.
package enum OutlierType: String, CaseIterable, Sendable {
    /// It is far from the mean of the values before it.
    case zScore = "z_score"
    /// It is far from the value before it.
    case percentageJump = "percentage_jump"

    /// Its place among all cases, from 0.
    var ordinal: Int { self == .zScore ? 0 : 1 }
}
