import MarketData
import Synchronization
import TickerStore

/// How far a file has been read: its checkpoint while it is being read, its fingerprint once it was read to the end (spec section 6).
///
/// Committed with the rows it speaks of, so that rows and resume point are one atom.
struct FileProgress: Sendable, Equatable {
    /// What `stat` said when reading began: while that stays, a file read to its end is not opened again.
    var device: UInt64
    var inode: UInt64
    var size: Int
    var modified: Int64
    var changed: Int64
    /// What the source made of the columns; another mapping reads the file anew.
    var mapping: String
    /// Where to go on, in the inflated text, and the number of the line there.
    var offset: Int
    var line: Int
    /// Records read so far.
    var records: Int
    /// Those of them that became rows.
    var rows: Int
    /// SHA-256 of the file's first `hashedBytes` bytes, in hexadecimal: only a file that still begins so is gone on with.
    var digest: String
    var hashedBytes: Int
    /// Whether the end was reached.
    var isComplete: Bool

    /// Whether a file that looks like this has nothing new.
    func isUnchanged(_ status: FileStatus, mapping: String) -> Bool {
        isComplete && self.mapping == mapping && device == status.device && inode == status.inode && size == status.size
            && modified == status.modified
            && changed == status.changed
    }

    /// Whether reading began with a file that looks just like this.
    func isSeen(_ status: FileStatus) -> Bool { size == status.size && modified == status.modified }

    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("device", device)
        writer.member("inode", inode)
        writer.member("size", size)
        writer.member("modified_ns", modified)
        writer.member("changed_ns", changed)
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
        self.device = UInt64(device)
        self.inode = UInt64(inode)
        self.size = size
        self.modified = Int64(modified)
        self.changed = Int64(changed)
        self.mapping = mapping
        self.offset = offset
        self.line = line
        self.records = records
        self.rows = rows
        self.digest = digest
        self.hashedBytes = hashedBytes
        self.isComplete = isComplete
    }

    init(_ status: FileStatus, mapping: String, offset: Int, line: Int, records: Int, rows: Int, digest: String, hashedBytes: Int, isComplete: Bool) {
        device = status.device
        inode = status.inode
        size = status.size
        modified = status.modified
        changed = status.changed
        self.mapping = mapping
        self.offset = offset
        self.line = line
        self.records = records
        self.rows = rows
        self.digest = digest
        self.hashedBytes = hashedBytes
        self.isComplete = isComplete
    }
}

/// How far every file has been read; kept in the store's state.
final class FileMemory: Sendable {
    private static let prefix = "file/"
    private let known: Mutex<[String: FileProgress]>

    init(_ state: [(key: String, value: [UInt8])]) {
        var known: [String: FileProgress] = [:]
        for (key, value) in state where key.hasPrefix(Self.prefix) { known[String(key.dropFirst(Self.prefix.count))] = FileProgress(decoding: value) }
        self.known = Mutex(known)
    }

    static func change(_ progress: FileProgress, of path: String) -> StateChange { StateChange(key: prefix + path, value: progress.encoded()) }

    func progress(of path: String) -> FileProgress? { known.withLock { $0[path] } }

    func remember(_ progress: FileProgress, of path: String) { known.withLock { $0[path] = progress } }
}

/// How a source, or a whole run, came out.
enum SourceOutcome: Sendable {
    /// There was nothing to do; counts neither way.
    case nothing
    case loaded
    /// Some of it failed.
    case partlyLoaded
    case failed

    mutating func join(_ other: SourceOutcome) {
        if self == .nothing {
            self = other
        } else if other != .nothing, other != self {
            self = .partlyLoaded
        }
    }
}
