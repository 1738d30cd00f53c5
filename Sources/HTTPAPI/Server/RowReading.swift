package import TickerStore

/// What the API reads from the store; a protocol so that tests can put figures of their own in place of a real store's.
package protocol RowReading: Sendable {
    /// What the store holds at this moment. Taking it costs nothing; reading from it may wait for the disk: do that through `ReadingPool`.
    func snapshot() -> Snapshot
    /// The store's inner figures and whether it still takes writes.
    var statistics: StoreStatistics { get }
}

extension Store: RowReading {}
