import MarketData
import Synchronization
import TickerStore

/// How far a file has been read: its checkpoint while it is being read, its fingerprint once it was read to the end (spec section 6).
///
/// Committed with the rows it speaks of, so that rows and resume point are one atom.
struct FileProgress: Sendable, Equatable {
    /// What `stat` said when reading began: while that stays, a file read to its end is not opened again.
    var file: FileStatus
    /// What the source made of the columns; another mapping reads the file anew.
    var mapping: String
    /// Where to go on, in the inflated text, and the number of the line there.
    var offset: Int
    var line: Int
    /// Records read so far.
    var records: Int
    /// Those of them that became rows, or would have if they were not too old.
    var rows: Int
    /// SHA-256 of the file's first `hashedBytes` bytes, in hexadecimal: only a file that still begins so is gone on with.
    var digest: String
    var hashedBytes: Int
    /// Whether the end was reached.
    var isComplete: Bool

    /// Whether a file that looks like this has nothing new.
    func isUnchanged(_ status: FileStatus, mapping: String) -> Bool { isComplete && self.mapping == mapping && file == status }

    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("device", file.device)
        writer.member("inode", file.inode)
        writer.member("size", file.size)
        writer.member("modified_ns", file.modified)
        writer.member("changed_ns", file.changed)
        writer.member("mapping", mapping)
        writer.member("offset", offset)
        writer.member("line", line)
        writer.member("records", records)
        writer.member("rows", rows)
        writer.member("sha256", digest)
        writer.member("hashed_bytes", hashedBytes)
        writer.member("complete", isComplete)
        writer.endObject()
        return writer.bytes
    }
}

extension FileProgress {
    /// nil when the bytes are not whole: the file is then read from its start, which costs time and loses nothing.
    init?(decoding bytes: [UInt8]) {
        guard let root = try? JSONDocument(parsing: bytes).root else { return nil }
        func integer(_ name: String) -> Int? { root.member(name)?.integer.map { Int($0) } }
        guard let device = integer("device"), let inode = integer("inode"), let size = integer("size"), let modified = integer("modified_ns"),
            let changed = integer("changed_ns"), let mapping = root.member("mapping")?.string, let offset = integer("offset"),
            let line = integer("line"),
            let records = integer("records"), let rows = integer("rows"), let digest = root.member("sha256")?.string,
            let hashedBytes = integer("hashed_bytes"),
            let isComplete = root.member("complete")?.boolValue
        else { return nil }
        let file = FileStatus(
            kind: .file,
            size: size,
            device: UInt64(clamping: device),
            inode: UInt64(clamping: inode),
            modified: Int64(modified),
            changed: Int64(changed)
        )
        self.init(
            file: file,
            mapping: mapping,
            offset: offset,
            line: line,
            records: records,
            rows: rows,
            digest: digest,
            hashedBytes: hashedBytes,
            isComplete: isComplete
        )
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

/// How a source, or a whole run, came out.
package enum SourceOutcome: String, Sendable {
    /// There was nothing to do; counts neither way.
    case nothing
    case loaded = "success"
    /// Some of it failed.
    case partlyLoaded = "partial_success"
    case failed

    mutating func join(_ other: SourceOutcome) {
        if self == .nothing {
            self = other
        } else if other != .nothing, other != self {
            self = .partlyLoaded
        }
    }
}
