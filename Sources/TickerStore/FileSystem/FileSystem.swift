/// The one door to the data directory, the inbox and the credential files.
///
/// Everything the engine does to a disk goes through these two protocols, so that tests can put a disk
/// that loses power, fills up or fails in their place. Paths are plain strings; the caller joins them.
package protocol FileSystem: Sendable {
    /// Opens a file. `.createNew` fails with `EEXIST` when the name is taken.
    func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File
    /// Moves a name over another one atomically. Durable only after `syncDirectory` of the parent.
    func rename(_ from: String, to: String) throws(FileError)
    /// Gives a file a second name.
    func link(_ from: String, to: String) throws(FileError)
    /// Removes a file's name. Durable only after `syncDirectory` of the parent.
    func remove(_ path: String) throws(FileError)
    /// Makes one directory; its parent must exist.
    func makeDirectory(_ path: String) throws(FileError)
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(FileError)
    /// Takes every right from everyone but the owner: 0700 for a directory, 0600 for anything else, sockets too.
    func restrictToOwner(_ path: String) throws(FileError)
    /// Makes the names inside a directory durable: creations, renames and removals.
    func syncDirectory(_ path: String) throws(FileError)
    /// The names in a directory, sorted by their bytes, without `.` and `..`.
    func list(_ path: String) throws(FileError) -> [String]
    /// What a path is, not following a symbolic link; nil when nothing is there.
    func status(_ path: String) throws(FileError) -> FileStatus?
    /// The disk that holds `path`.
    func space(_ path: String) throws(FileError) -> DiskSpace
}

/// How large a disk is, in bytes.
package struct DiskSpace: Sendable, Equatable {
    /// What an unprivileged process can still write.
    package var free: Int
    package var total: Int

    package init(free: Int, total: Int) {
        self.free = free
        self.total = total
    }
}

/// An open file. Closed when the last reference goes.
package protocol File: AnyObject, Sendable {
    /// Reads until the buffer is full or the file ends; gives the bytes read.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int
    /// Writes all bytes. After an error any part of them may be in the file.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError)
    /// Sets the file's length; new bytes read as zero.
    func truncate(to length: Int) throws(FileError)
    /// Reserves disk space up to `length`, so that a full disk shows now and not in the middle of a write.
    func allocate(_ length: Int) throws(FileError)
    /// `fdatasync`: the data, and the size where it is needed to read them, are on the disk.
    func syncData() throws(FileError)
    /// `fsync`: data and all metadata are on the disk. The file's name needs `syncDirectory`.
    func sync() throws(FileError)
    /// What the file is now.
    func status() throws(FileError) -> FileStatus
    /// Takes an exclusive advisory lock for as long as the file is open; false when another process has it.
    func tryLock() throws(FileError) -> Bool
    /// Asks the kernel to forget its cached pages, so that the next read shows what the disk really has.
    func dropCache()
    /// The first `length` bytes as memory. The file must be that long, and must not be cut while the bytes are in use.
    func map(_ length: Int) throws(FileError) -> any MappedBytes
}

/// Bytes of a file as memory, for as long as the object lives. Nobody writes to them.
package protocol MappedBytes: AnyObject, Sendable {
    var bytes: UnsafeRawBufferPointer { get }
}

/// How a file is opened.
package enum FileMode: Sendable {
    case read
    /// Reading, refusing a symbolic link at the end of the path.
    case readNoFollow
    case readWrite
    case createNew
    case openOrCreate
    /// A new file that only its owner can read.
    case createNewPrivate
}

/// What `stat` says about a file. Times are nanoseconds since 1970.
package struct FileStatus: Sendable, Equatable {
    /// What the name stands for.
    package enum Kind: Sendable { case file, directory, symbolicLink, other }
    package var kind: Kind
    package var size: Int
    package var device: UInt64
    package var inode: UInt64
    package var modified: Int64
    package var changed: Int64

    package init(kind: Kind, size: Int, device: UInt64 = 0, inode: UInt64 = 0, modified: Int64 = 0, changed: Int64 = 0) {
        self.kind = kind
        self.size = size
        self.device = device
        self.inode = inode
        self.modified = modified
        self.changed = changed
    }
}

extension FileSystem {
    /// The whole of a small file; nil when there is none. Throws `EFBIG` above `limit` bytes.
    package func contents(_ path: String, limit: Int = 1 << 20) throws(FileError) -> [UInt8]? {
        let file: any File
        do {
            file = try open(path, .read)
        } catch {
            if error.code == FileError.notFound { return nil }
            throw error
        }
        let status = try file.status()
        guard status.kind == .file else { throw FileError("read", path, FileError.notAFile) }
        let size = status.size
        guard size <= limit else { throw FileError("read", path, FileError.tooBig) }
        var bytes = [UInt8](repeating: 0, count: size)
        var span = bytes.mutableSpan
        let count = try span.withUnsafeMutableBytes { buffer throws(FileError) in try file.read(into: buffer, at: 0) }
        bytes.removeSubrange(count...)
        return bytes
    }

    /// Puts a whole file in place so that a crash leaves either the old one or the new one, never a piece:
    /// write beside it, fsync, rename, fsync the directory.
    ///
    /// - Parameter isPrivate: only the owner may read it.
    package func replace(_ name: String, in directory: String, with bytes: [UInt8], isPrivate: Bool = false) throws(FileError) {
        let temporary = directory + "/." + name + ".tmp"
        if try status(temporary) != nil { try remove(temporary) }
        let file = try open(temporary, isPrivate ? .createNewPrivate : .createNew)
        do throws(FileError) {
            try file.write(all: bytes, at: 0)
        } catch {
            // A piece of a file only takes space from those that need it.
            try? remove(temporary)
            throw error
        }
        try file.sync()
        try rename(temporary, to: directory + "/" + name)
        try syncDirectory(directory)
    }
}

extension File {
    /// Writes an array's bytes.
    package func write(all bytes: [UInt8], at offset: Int) throws(FileError) {
        try bytes.span.withUnsafeBytes { buffer throws(FileError) in try write(buffer, at: offset) }
    }
}
