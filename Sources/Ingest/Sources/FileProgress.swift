import MarketData
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

    /// Bytes of the shortest timestamp of its rows, where that is the last column; nil where it is not, or there was none.
    var shortestTime: Int?

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
        if let shortestTime { writer.member("shortest_time", shortestTime) }
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
            isComplete: isComplete,
            shortestTime: integer("shortest_time")
        )
    }
}
