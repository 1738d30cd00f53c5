/// What a source's fields are mapped to.
package enum TickerField: String, CaseIterable, Sendable {
    case symbol
    case name
    case price = "price_usd"
    case volume = "volume_24h"
    case marketCap = "market_cap"
    case percentChange = "percent_change_24h"
    case timestamp
    case sourceID = "source_id"

    /// Its place among all cases, from 0.
    var ordinal: Int {
        switch self {
        case .symbol: 0
        case .name: 1
        case .price: 2
        case .volume: 3
        case .marketCap: 4
        case .percentChange: 5
        case .timestamp: 6
        case .sourceID: 7
        }
    }

    /// Whether its values are amounts in dollars.
    var isAmount: Bool { self == .price || self == .volume || self == .marketCap }

    /// Whether its values are numbers.
    var isNumber: Bool { isAmount || self == .percentChange }

    /// Without these a record cannot become a row (spec section 3).
    static let required: [TickerField] = [.symbol, .price, .timestamp]

    /// The quarantine's reason when the field has no value in a record.
    var missingReason: String { "missing_\(rawValue)" }
}
