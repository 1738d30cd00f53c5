import Synchronization

/// The checkpoints that the store had when it was opened. Inside one process no walk goes on after another: whatever ended it was a failure.
final class PageMemory: Sendable {
    private let known: Mutex<[String: PageCheckpoint]>

    init(_ state: [(key: String, value: [UInt8])]) {
        let prefix = PageCheckpoint.key("")
        var known: [String: PageCheckpoint] = [:]
        for (key, value) in state where key.hasPrefix(prefix) { known[String(key.dropFirst(prefix.count))] = PageCheckpoint(decoding: value) }
        self.known = Mutex(known)
    }

    /// What is kept of a source, valid or not.
    func checkpoint(of source: String) -> PageCheckpoint? { known.withLock { $0[source] } }

    func forget(_ source: String) { known.withLock { $0[source] = nil } }
}
