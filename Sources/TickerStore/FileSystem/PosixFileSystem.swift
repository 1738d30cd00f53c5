import Glibc

/// The real disk.
package struct PosixFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File {
        let (flags, permissions): (Int32, mode_t) =
            switch mode {
            // Without waiting: a pipe in the file's place must not stop us.
            case .read: (O_RDONLY | O_NONBLOCK, 0)
            case .readNoFollow: (O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
            case .readWrite: (O_RDWR, 0)
            case .createNew: (O_RDWR | O_CREAT | O_EXCL, 0o644)
            case .openOrCreate: (O_RDWR | O_CREAT, 0o644)
            case .createNewPrivate: (O_RDWR | O_CREAT | O_EXCL, 0o600)
            }
        let descriptor = try uninterrupted("open", path) { Glibc.open(path, flags | O_CLOEXEC, permissions) }
        return PosixFile(descriptor: descriptor, path: path)
    }

    package func rename(_ from: String, to: String) throws(FileError) {
        _ = try uninterrupted("rename", from) { Glibc.rename(from, to) }
    }

    package func link(_ from: String, to: String) throws(FileError) {
        _ = try uninterrupted("link", from) { Glibc.link(from, to) }
    }

    package func remove(_ path: String) throws(FileError) {
        _ = try uninterrupted("unlink", path) { Glibc.unlink(path) }
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        _ = try uninterrupted("mkdir", path) { Glibc.mkdir(path, 0o755) }
    }

    package func removeDirectory(_ path: String) throws(FileError) {
        _ = try uninterrupted("rmdir", path) { Glibc.rmdir(path) }
    }

    package func restrictToOwner(_ path: String) throws(FileError) {
        let mode: mode_t = try status(path)?.kind == .directory ? 0o700 : 0o600
        _ = try uninterrupted("chmod", path) { Glibc.chmod(path, mode) }
    }

    package func syncDirectory(_ path: String) throws(FileError) {
        let descriptor: Int32
        do {
            descriptor = try uninterrupted("open", path) { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        } catch {
            // Without a descriptor the names are as uncertain as after a failed sync: a rename came before.
            throw FileError("fsync", path, error.code)
        }
        defer { Glibc.close(descriptor) }
        // No retry on a failed fsync: the kernel has then already marked the pages clean.
        if Glibc.fsync(descriptor) != 0 { throw FileError("fsync", path, errno) }
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        guard let directory = opendir(path) else { throw FileError("opendir", path, errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                if errno != 0 { throw FileError("readdir", path, errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func status(_ path: String) throws(FileError) -> FileStatus? {
        var information = stat()
        if lstat(path, &information) != 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError("lstat", path, errno)
        }
        return FileStatus(information)
    }

    package func space(_ path: String) throws(FileError) -> DiskSpace {
        let descriptor = try uninterrupted("open", path) { Glibc.open(path, O_RDONLY | O_CLOEXEC) }
        defer { Glibc.close(descriptor) }
        var information = statvfs()
        _ = try uninterrupted("fstatvfs", path) { fstatvfs(descriptor, &information) }
        func bytes(_ blocks: UInt) -> Int { Int(clamping: UInt64(blocks).multipliedReportingOverflow(by: UInt64(information.f_frsize)).partialValue) }
        return DiskSpace(free: bytes(information.f_bavail), total: bytes(information.f_blocks))
    }
}

/// Memory that the kernel fills from a file when it is looked at.
private final class PosixMapping: MappedBytes, @unchecked Sendable {
    // Read-only memory that stays where it is until `deinit`.
    let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    deinit { if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) } }
}

/// A file descriptor that closes itself.
private final class PosixFile: File {
    let descriptor: Int32
    let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { Glibc.close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("pread", path, errno)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("pwrite", path, errno)
            }
            if count == 0 { throw FileError("pwrite", path, ENOSPC) }
            done += count
        }
    }

    func truncate(to length: Int) throws(FileError) {
        _ = try uninterrupted("ftruncate", path) { ftruncate(descriptor, off_t(length)) }
    }

    func allocate(_ length: Int) throws(FileError) {
        let before = try status().size
        while true {
            switch posix_fallocate(descriptor, 0, off_t(length)) {
            case 0: return
            case EINTR: continue
            case let code:
                // What it got before the disk was full goes back.
                _ = ftruncate(descriptor, off_t(before))
                throw FileError("posix_fallocate", path, code)
            }
        }
    }

    // A failed sync is never retried: after it the kernel may call lost pages clean (design: failure rules).
    func syncData() throws(FileError) {
        if fdatasync(descriptor) != 0 { throw FileError("fdatasync", path, errno) }
    }

    func sync() throws(FileError) {
        if fsync(descriptor) != 0 { throw FileError("fsync", path, errno) }
    }

    func map(_ length: Int) throws(FileError) -> any MappedBytes {
        // Reading behind the end of a mapped file kills the process.
        guard try status().size >= length else { throw FileError("mmap", path, EINVAL) }
        if length == 0 { return PosixMapping(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let start = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let start, start != MAP_FAILED else { throw FileError("mmap", path, errno) }
        return PosixMapping(UnsafeRawBufferPointer(start: start, count: length))
    }

    func status() throws(FileError) -> FileStatus {
        var information = stat()
        if fstat(descriptor, &information) != 0 { throw FileError("fstat", path, errno) }
        return FileStatus(information)
    }

    func tryLock() throws(FileError) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            default: throw FileError("flock", path, errno)
            }
        }
        return true
    }

    func dropCache() {
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    }
}

extension FileStatus {
    fileprivate init(_ information: stat) {
        let kind: Kind =
            switch information.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        self.init(
            kind: kind,
            size: Int(information.st_size),
            device: UInt64(information.st_dev),
            inode: UInt64(information.st_ino),
            modified: Int64(information.st_mtim.tv_sec) * 1_000_000_000 + Int64(information.st_mtim.tv_nsec),
            changed: Int64(information.st_ctim.tv_sec) * 1_000_000_000 + Int64(information.st_ctim.tv_nsec)
        )
    }
}

private func uninterrupted(_ operation: String, _ path: String, _ call: () -> Int32) throws(FileError) -> Int32 {
    while true {
        let result = call()
        if result >= 0 { return result }
        if errno != EINTR { throw FileError(operation, path, errno) }
    }
}
