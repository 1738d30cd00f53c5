package import TickerStore

/// What the API reads from the store; a protocol so that routes are tested without a disk.
package protocol RowReading: Sendable {
    /// Totals at this moment.
    func counts() -> StoreCounts
    /// The store's inner figures and whether it still takes writes.
    var statistics: StoreStatistics { get }
    /// One page of a fresh snapshot. Blocks on disk reads: call it through `ReadingPool`.
    func page(_ query: RowQuery) throws(StoreError) -> RowPage
}

extension Store: RowReading {
    package func counts() -> StoreCounts { snapshot().counts }
    package func page(_ query: RowQuery) throws(StoreError) -> RowPage { try snapshot().page(query) }
}
