import MarketData
import TickerStore

/// A file as it was when it was read to its end: while nothing about it changes it is not opened again (spec section 6).
struct FileFingerprint: Sendable, Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int
    var modified: Int64
    var changed: Int64
    /// What the source made of the columns; another mapping reads the file anew.
    var mapping: String
    /// Records the file had.
    var records: Int

    init(_ status: FileStatus, mapping: String, records: Int) {
        device = status.device
        inode = status.inode
        size = status.size
        modified = status.modified
        changed = status.changed
        self.mapping = mapping
        self.records = records
    }

    func matches(_ status: FileStatus, mapping: String) -> Bool {
        self == FileFingerprint(status, mapping: mapping, records: records)
    }

    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("device", device)
        writer.member("inode", inode)
        writer.member("size", size)
        writer.member("modified_ns", modified)
        writer.member("changed_ns", changed)
        writer.member("mapping", mapping)
        writer.member("records", records)
        writer.endObject()
        return writer.bytes
    }

    init?(decoding bytes: [UInt8]) {
        guard let root = try? JSONDocument(parsing: bytes).root, let device = root.member("device")?.integer,
            let inode = root.member("inode")?.integer,
            let size = root.member("size")?.integer, let modified = root.member("modified_ns")?.integer,
            let changed = root.member("changed_ns")?.integer,
            let mapping = root.member("mapping")?.string, let records = root.member("records")?.integer
        else { return nil }
        self.device = UInt64(device)
        self.inode = UInt64(inode)
        self.size = Int(size)
        self.modified = modified
        self.changed = changed
        self.mapping = mapping
        self.records = Int(records)
    }
}

/// Reads a file from its start, inflated where it begins with gzip's magic bytes.
final class InboxFile {
    let file: any File
    let path: String
    private var offset = 0
    private var inflater: GzipInflater?

    init(_ path: String, fileSystem: any FileSystem) throws {
        self.path = path
        file = try fileSystem.open(path, .readNoFollow)
        var magic: (UInt8, UInt8) = (0, 0)
        let count = try withUnsafeMutableBytes(of: &magic) { buffer throws(FileError) in try file.read(into: buffer, at: 0) }
        if count == 2, magic == (0x1F, 0x8B) { inflater = GzipInflater { [unowned self] in try readPlain(into: $0) } }
    }

    /// Fills `buffer`; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if let inflater { return try inflater.inflate(into: buffer) }
        return try readPlain(into: buffer)
    }

    private func readPlain(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try file.read(into: buffer, at: offset)
        offset += count
        return count
    }
}
