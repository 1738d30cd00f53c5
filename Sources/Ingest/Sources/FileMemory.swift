import Synchronization
import TickerStore

/// How far every file has been read; kept in the store's state.
final class FileMemory: Sendable {
    private static let prefix = "source-file/"
    private static let oldPrefix = "file/"
    /// A file that is gone may come back.
    private static let keptMilliseconds: Int64 = 30 * 86_400_000
    private static let forgottenAtOnce = 500
    private let state: Mutex<State>

    private struct State {
        /// By the key's text.
        var known: [String: FileProgress] = [:]
        /// By path, as older stores have it: not yet found again.
        var old: [String: FileProgress] = [:]
        /// Keys whose old form still is in the store.
        var moved: Set<FileKey> = []
    }

    init(_ stored: [(key: String, value: [UInt8])]) {
        var state = State()
        for (key, value) in stored {
            if key.hasPrefix(Self.prefix) {
                state.known[key] = FileProgress(decoding: value)
            } else if key.hasPrefix(Self.oldPrefix) {
                state.old[String(key.dropFirst(Self.oldPrefix.count))] = FileProgress(decoding: value)
            }
        }
        self.state = Mutex(state)
    }

    /// What stores a progress; an old key goes with it.
    func changes(_ progress: FileProgress, of key: FileKey) -> [StateChange] {
        let change = StateChange(key: key.text, value: progress.encoded())
        let isMoved = state.withLock { $0.moved.contains(key) }
        return isMoved ? [change, StateChange(key: Self.oldPrefix + key.path, value: nil)] : [change]
    }

    /// How far a file was read. What an older store says of its path belongs to the first source that asks with this mapping.
    func progress(of key: FileKey, mapping: String) -> FileProgress? {
        state.withLock { state in
            if let known = state.known[key.text] { return known }
            guard let old = state.old[key.path], old.mapping == mapping else { return nil }
            state.old[key.path] = nil
            state.known[key.text] = old
            state.moved.insert(key)
            return old
        }
    }

    /// Whether the store still has the file under its old key.
    func isMoved(_ key: FileKey) -> Bool { state.withLock { $0.moved.contains(key) } }

    /// Forgets files that are not in a source's inbox any more and have not changed for a month; some of them, if they are many.
    ///
    /// - Parameters:
    ///   - listed: the files that are there.
    ///   - now: milliseconds since 1970.
    /// - Returns: What says so in the store.
    func forget(of source: String, but listed: [FileKey], at now: Int64) -> [StateChange] {
        let inbox = FileKey(source: source, name: "", path: "").text
        let present = Set(listed.map(\.text))
        let limit = (now - Self.keptMilliseconds) * 1_000_000
        return state.withLock { state in
            let gone = state.known.filter { $0.key.hasPrefix(inbox) && $0.value.file.changed < limit && !present.contains($0.key) }
            return gone.keys.sorted().prefix(Self.forgottenAtOnce).map { key in
                state.known[key] = nil
                return StateChange(key: key, value: nil)
            }
        }
    }

    /// Called when `changes` are durable.
    func remember(_ progress: FileProgress, of key: FileKey) {
        state.withLock {
            $0.known[key.text] = progress
            $0.moved.remove(key)
        }
    }
}

/// What a file's progress is kept under: its source, and its name in that source's inbox, so that a store and its inbox may move together.
struct FileKey: Sendable, Hashable {
    let text: String
    /// The key that older stores have: the path as it was typed.
    let path: String

    /// A file of the inbox.
    init(source: String, name: String, path: String) {
        text = "source-file/\(source)/inbox/\(name)"
        self.path = path
    }

    /// A file beside the inbox.
    init(source: String, path: String) {
        text = "source-file/\(source)/path/\(path)"
        self.path = path
    }
}
