import MarketData
import Synchronization
import TickerStore

/// The newest row of each source, by the row's own time; in the store's state under `newest/<source>`, written with the batch that brings it, so
/// that nobody has to look for it in the rows.
final class NewestData: Sendable {
    private static let prefix = "newest/"

    private struct State {
        /// What is stored, by source.
        var stored: [String: Timestamp] = [:]
        /// What commits that are under way say or have said.
        var said: [String: Timestamp] = [:]
    }

    private let state: Mutex<State>

    init(_ openingState: [(key: String, value: [UInt8])] = []) {
        var known: [String: Timestamp] = [:]
        for (key, value) in openingState where key.hasPrefix(Self.prefix) {
            guard let text = try? JSONDocument(parsing: value).root.member("newest")?.string, let time = try? Timestamp.parse(text) else { continue }
            known[String(key.dropFirst(Self.prefix.count))] = time
        }
        state = Mutex(State(stored: known, said: known))
    }

    /// nil: nothing is known of any row.
    subscript(source: String) -> Timestamp? { state.withLock { $0.stored[source] } }

    /// What a batch changes in the state. Called in the middle of its commit, in the order of the batches, and perhaps twice for one.
    ///
    /// - Parameter newest: the newest row of the batch.
    func changes(with newest: Timestamp, of source: String) -> [StateChange] {
        let isNews = state.withLock { state in
            if let said = state.said[source], said > newest { return false }
            state.said[source] = newest
            return true
        }
        return isNews ? [Self.change(source, newest)] : []
    }

    /// These rows are stored.
    func note(_ newest: Timestamp, of source: String) {
        state.withLock { $0.stored[source] = max($0.stored[source] ?? newest, newest) }
    }

    /// All of it: for what was found in the rows, and for batches whose commit failed after it had said something.
    var changes: [StateChange] { state.withLock { $0.stored }.sorted { $0.key < $1.key }.map { Self.change($0.key, $0.value) } }

    private static func change(_ source: String, _ time: Timestamp) -> StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("newest", time.description)
        writer.endObject()
        return StateChange(key: prefix + source, value: writer.bytes)
    }
}
