import MarketData
import TickerStore

/// Which rows `/data` shows, and in which order: the part of a request that a cursor carries.
struct RowFilters: Equatable, Sendable {
    /// Uppercase symbols, sources and source ids; sorted and without repetition, so that equal filters are equal
    /// values. Empty means all.
    var symbols: [[UInt8]] = []
    var sources: [[UInt8]] = []
    var sourceIDs: [[UInt8]] = []
    /// Inclusive.
    var from: Timestamp?
    /// Exclusive.
    var to: Timestamp?
    var order: RowOrder = .timestamp
    var direction: SortDirection = .descending

    /// Sorted by bytes, without repetition.
    static func canonical(_ values: [[UInt8]]) -> [[UInt8]] {
        Array(Set(values)).sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The bytes of all texts: what a cursor has to carry.
    var textBytes: Int { [symbols, sources, sourceIDs].joined().reduce(0) { $0 + $1.count } }
}
