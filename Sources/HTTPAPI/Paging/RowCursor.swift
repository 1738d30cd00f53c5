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
        fields.byte(UInt8(RowOrder.all.firstIndex(of: filters.order)!))
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
        if let position, case .number = filters.order { fields.text(position.literal) }
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
            let travel = fields.byte().flatMap(Travel.init(rawValue:)),
            let order = fields.byte(), order < RowOrder.all.count, let direction = fields.byte(), direction <= 1,
            let symbols = fields.texts(), let sources = fields.texts(), let sourceIDs = fields.texts(),
            let from = Self.bound(&fields), let to = Self.bound(&fields), let timestamp = Self.bound(&fields)
        else { return nil }
        filters = RowFilters(
            symbols: symbols,
            sources: sources,
            sourceIDs: sourceIDs,
            from: from.value,
            to: to.value,
            order: RowOrder.all[Int(order)],
            direction: direction == 1 ? .ascending : .descending
        )
        self.travel = travel
        if let timestamp = timestamp.value {
            guard let symbol = fields.text(), let source = fields.text(), let sourceID = fields.text() else {
                return nil
            }
            var literal: [UInt8] = []
            if case .number = filters.order {
                guard let text = fields.text(), text.isEmpty || Self.isLiteral(text) else { return nil }
                literal = text
            }
            position = RowPosition(
                timestamp: timestamp,
                series: SeriesKey(symbol: symbol, source: source, sourceID: sourceID),
                literal: literal
            )
        } else {
            position = nil
        }
        if !fields.isAtEnd { return nil }
    }

    /// Whether a text is a number as rows have them.
    private static func isLiteral(_ text: [UInt8]) -> Bool {
        var canonical: [UInt8] = []
        return (try? DecimalLiteral.appendCanonical(text.span, to: &canonical)) != nil && canonical == text
    }

    private static func bound(_ fields: inout CursorReader) -> (value: Timestamp?, Void)? {
        switch fields.byte() {
        case 0: return (nil, ())
        case 1: return fields.time().map { ($0, ()) }
        default: return nil
        }
    }
}
