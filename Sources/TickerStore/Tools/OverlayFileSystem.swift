import Glibc
import Synchronization

/// A file system over another one: everything that is written stays in memory, and what lies below is only read.
///
/// A dry run of a repair is the repair itself on one of these, so what it announces is what is done later.
final class OverlayFileSystem: FileSystem {
    /// What a name is, when it is not what it is below.
    private enum Entry {
        case removed
        /// A file below, perhaps under another name.
        case below(String)
        case memory(MemoryFile.Content)
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var directories: Set<String> = []
    }

    private let base: any FileSystem
    private let state = Mutex(State())

    init(over base: any FileSystem) { self.base = base }

    private func entry(_ path: String) -> Entry { state.withLock { $0.entries[path] } ?? .below(path) }
    private func set(_ path: String, _ entry: Entry) { state.withLock { $0.entries[path] = entry } }

    private func exists(_ path: String) throws(FileError) -> Bool { try status(path) != nil }

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File {
        let isNew = mode == .createNew || mode == .createNewPrivate
        let isThere = try exists(path)
        if isThere, isNew { throw FileError("open", path, EEXIST) }
        if !isThere {
            guard isNew || mode == .openOrCreate else { throw FileError("open", path, ENOENT) }
            let content = MemoryFile.Content()
            set(path, .memory(content))
            return MemoryFile(content, path: path)
        }
        switch entry(path) {
        case .removed: throw FileError("open", path, ENOENT)
        case .below(let name): return try base.open(name, mode == .readNoFollow ? .readNoFollow : .read)
        case .memory(let content): return MemoryFile(content, path: path)
        }
    }

    func rename(_ from: String, to: String) throws(FileError) {
        guard try exists(from) else { throw FileError("rename", from, ENOENT) }
        let moved = entry(from)
        set(to, moved)
        set(from, .removed)
    }

    func link(_ from: String, to: String) throws(FileError) {
        guard try exists(from) else { throw FileError("link", from, ENOENT) }
        guard try !exists(to) else { throw FileError("link", to, EEXIST) }
        set(to, entry(from))
    }

    func remove(_ path: String) throws(FileError) {
        guard try exists(path) else { throw FileError("unlink", path, ENOENT) }
        set(path, .removed)
    }

    func removeDirectory(_ path: String) throws(FileError) { try remove(path) }

    func restrictToOwner(_ path: String) {}

    func makeDirectory(_ path: String) throws(FileError) {
        guard try !exists(path) else { throw FileError("mkdir", path, EEXIST) }
        _ = state.withLock { $0.directories.insert(path) }
    }

    func syncDirectory(_ path: String) {}

    func list(_ path: String) throws(FileError) -> [String] {
        let (entries, directories) = state.withLock { ($0.entries, $0.directories) }
        var names = Set(directories.contains(path) ? [] : try base.list(path))
        let prefix = path + "/"
        for (name, entry) in entries where name.hasPrefix(prefix) && !name.dropFirst(prefix.count).contains("/") {
            if case .removed = entry {
                names.remove(String(name.dropFirst(prefix.count)))
            } else {
                names.insert(String(name.dropFirst(prefix.count)))
            }
        }
        for name in directories where name.hasPrefix(prefix) && !name.dropFirst(prefix.count).contains("/") {
            names.insert(String(name.dropFirst(prefix.count)))
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    func status(_ path: String) throws(FileError) -> FileStatus? {
        if state.withLock({ $0.directories.contains(path) }) { return FileStatus(kind: .directory, size: 0) }
        switch entry(path) {
        case .removed: return nil
        case .below(let name): return try base.status(name)
        case .memory(let content): return FileStatus(kind: .file, size: content.bytes.withLock { $0.count })
        }
    }

    func space(_ path: String) throws(FileError) -> DiskSpace { try base.space(path) }
}

/// A file in memory.
final class MemoryFile: File {
    final class Content: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    private let content: Content
    private let path: String

    init(_ content: Content, path: String) {
        self.content = content
        self.path = path
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let piece = content.bytes.withLock { Array($0.dropFirst(offset).prefix(buffer.count)) }
        buffer.copyBytes(from: piece)
        return piece.count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        let piece = Array(bytes)
        content.bytes.withLock { content in
            if content.count < offset + piece.count { content.append(contentsOf: repeatElement(0, count: offset + piece.count - content.count)) }
            content.replaceSubrange(offset..<offset + piece.count, with: piece)
        }
    }

    func truncate(to length: Int) {
        content.bytes.withLock { content in
            if content.count > length {
                content.removeSubrange(length...)
            } else {
                content.append(contentsOf: repeatElement(0, count: length - content.count))
            }
        }
    }

    /// Nothing: memory is not reserved beforehand.
    func allocate(_ length: Int) {}
    func syncData() {}
    func sync() {}
    func status() -> FileStatus { FileStatus(kind: .file, size: content.bytes.withLock { $0.count }) }
    func tryLock() -> Bool { true }
    func dropCache() {}

    func map(_ length: Int) throws(FileError) -> any MappedBytes {
        let bytes = content.bytes.withLock { Array($0.prefix(length)) }
        guard bytes.count == length else { throw FileError("mmap", path, EINVAL) }
        return HeapBytes(bytes)
    }
}
