import MarketData
import Synchronization
import TickerStore

/// When a copy of the store was made last; in the store's state, so that a restart does not forget it.
package final class LastBackup: Sendable {
    private static let key = "backup/last"

    private let time: Mutex<Int64?>

    /// - Parameter openingState: of the store.
    package init(_ openingState: [(key: String, value: [UInt8])] = []) {
        let value = openingState.first { $0.key == Self.key }?.value
        time = Mutex(value.flatMap { try? JSONDocument(parsing: $0).root.member("at")?.string }.flatMap { try? Timestamp.parse($0) }?.milliseconds)
    }

    /// Milliseconds since 1970; nil: none was made.
    package var milliseconds: Int64? { time.withLock { $0 } }

    /// A backup was made just now. Blocks for a commit; a store that takes none has the copy all the same.
    package func note(at milliseconds: Int64, in store: some StoreAdministration) {
        time.withLock { $0 = milliseconds }
        let now = Timestamp(milliseconds: milliseconds)
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("at", now.description)
        writer.endObject()
        let change = StateChange(key: Self.key, value: writer.bytes)
        var batch = Batch(origin: BatchOrigin(runID: "", number: 0, source: "", fetchedAt: now))
        batch.state = { _ in [change] }
        _ = try? store.commit(batch)
    }
}
