import MarketData
import TickerStore

/// A place between two rows of a list, with everything needed to go on from there.
struct RowCursor: Equatable, Sendable {
    /// Which way the walk goes, seen from the order in which rows are shown.
    enum Travel: UInt8, Sendable {
        case forward = 0
        case backward = 1
    }

    var filters: RowFilters
    var travel: Travel
    /// The row beside which to go on, itself not shown again; nil starts at the end of the list where `travel` begins.
    var position: RowPosition?

    /// The opaque text.
    var text: String {
        var fields = CursorWriter()
        fields.byte(travel.rawValue)
        fields.byte(filters.direction == .ascending ? 1 : 0)
        fields.texts(filters.symbols)
        fields.texts(filters.sources)
        fields.texts(filters.sourceIDs)
        for bound in [filters.from, filters.to, position?.timestamp] {
            fields.byte(bound == nil ? 0 : 1)
            if let bound { fields.integer(bound.milliseconds) }
        }
        if let series = position?.series {
            fields.text(series.symbol)
            fields.text(series.source)
            fields.text(series.sourceID)
        }
        return CursorBytes.seal(.rows, fields)
    }

    init(filters: RowFilters, travel: Travel, position: RowPosition?) {
        self.filters = filters
        self.travel = travel
        self.position = position
    }

    /// Reads a cursor's text; nil when it is none of ours.
    init?(_ text: String) {
        guard var fields = CursorBytes.open(text, .rows),
            let travel = fields.byte().flatMap(Travel.init(rawValue:)), let order = fields.byte(), order <= 1,
            let symbols = fields.texts(), let sources = fields.texts(), let sourceIDs = fields.texts(),
            let from = Self.bound(&fields), let to = Self.bound(&fields), let timestamp = Self.bound(&fields)
        else { return nil }
        filters = RowFilters(
            symbols: symbols,
            sources: sources,
            sourceIDs: sourceIDs,
            from: from.value,
            to: to.value,
            direction: order == 1 ? .ascending : .descending
        )
        self.travel = travel
        if let timestamp = timestamp.value {
            guard let symbol = fields.text(), let source = fields.text(), let sourceID = fields.text() else {
                return nil
            }
            position = RowPosition(
                timestamp: timestamp,
                series: SeriesKey(symbol: symbol, source: source, sourceID: sourceID)
            )
        } else {
            position = nil
        }
        if !fields.isAtEnd { return nil }
    }

    private static func bound(_ fields: inout CursorReader) -> (value: Timestamp?, Void)? {
        switch fields.byte() {
        case 0: return (nil, ())
        case 1:
            guard let milliseconds = fields.integer() else { return nil }
            return (Timestamp(milliseconds: milliseconds), ())
        default: return nil
        }
    }
}
