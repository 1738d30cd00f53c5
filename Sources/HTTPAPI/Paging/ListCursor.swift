import MarketData
import TickerStore

/// A place in one of the lists beside `/data`, with everything needed to go on from there.
struct ListCursor: Equatable, Sendable {
    /// The list.
    var kind: CursorKind
    var filters: ListFilters
    /// What the list itself wrote about the last entry shown.
    var position: [UInt8]

    /// The opaque text.
    var text: String {
        var fields = CursorWriter()
        fields.byte(filters.rows.direction == .ascending ? 1 : 0)
        fields.texts(filters.rows.symbols)
        fields.texts(filters.rows.sources)
        fields.texts(filters.rows.sourceIDs)
        for bound in [filters.rows.from, filters.rows.to] {
            fields.byte(bound == nil ? 0 : 1)
            if let bound { fields.integer(bound.milliseconds) }
        }
        let words = filters.words.sorted { $0.key < $1.key }
        fields.texts(words.flatMap { [Array($0.key.utf8), Array($0.value.utf8)] })
        fields.text(position)
        return CursorBytes.seal(kind, fields)
    }

    init(kind: CursorKind, filters: ListFilters, position: [UInt8]) {
        self.kind = kind
        self.filters = filters
        self.position = position
    }

    /// Reads a cursor's text; nil when it is none of this list.
    init?(_ text: String, _ kind: CursorKind) {
        guard var fields = CursorBytes.open(text, kind), let order = fields.byte(), order <= 1, let symbols = fields.texts(),
            let sources = fields.texts(), let sourceIDs = fields.texts(), let from = Self.bound(&fields), let to = Self.bound(&fields),
            let words = fields.texts(), words.count.isMultiple(of: 2), let position = fields.text(), fields.isAtEnd
        else { return nil }
        self.kind = kind
        self.position = position
        filters = ListFilters()
        filters.rows.symbols = symbols
        filters.rows.sources = sources
        filters.rows.sourceIDs = sourceIDs
        filters.rows.from = from.value
        filters.rows.to = to.value
        filters.rows.direction = order == 1 ? .ascending : .descending
        for index in stride(from: 0, to: words.count, by: 2) {
            filters.words[String(decoding: words[index], as: UTF8.self)] = String(decoding: words[index + 1], as: UTF8.self)
        }
    }

    private static func bound(_ fields: inout CursorReader) -> (value: Timestamp?, Void)? {
        switch fields.byte() {
        case 0: return (nil, ())
        case 1: return fields.time().map { ($0, ()) }
        default: return nil
        }
    }
}

/// Which entries of a list are shown: the part of a request that its cursor carries.
struct ListFilters: Equatable, Sendable {
    /// What the lists have in common with `/data`.
    var rows = RowFilters()
    /// The other parameters, by name.
    var words: [String: String] = [:]
}
