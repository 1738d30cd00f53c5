/// What rows are ordered by. Each order is total: ties are settled by symbol, source, source id and timestamp, texts by their UTF-8
/// bytes (spec section 9).
package enum RowOrder: Hashable, Sendable {
    case timestamp
    case symbol
    case source
    /// By exact decimal value; rows without the number come last, whatever the direction.
    case number(NumberField)

    package static let all: [RowOrder] = [.timestamp, .symbol, .source] + NumberField.allCases.map(RowOrder.number)

    /// The row's member, as in its line.
    package var name: String {
        switch self {
        case .timestamp: "timestamp"
        case .symbol: "symbol"
        case .source: "source"
        case .number(.price): "price_usd"
        case .number(.volume): "volume_24h"
        case .number(.marketCap): "market_cap"
        case .number(.percentChange): "percent_change_24h"
        }
    }

    /// The order by a member of the row; nil when there is none by it.
    package init?(name: String) {
        guard let order = Self.all.first(where: { $0.name == name }) else { return nil }
        self = order
    }

    /// The number that rows are ordered by.
    var field: NumberField? {
        if case .number(let field) = self { return field }
        return nil
    }
}
