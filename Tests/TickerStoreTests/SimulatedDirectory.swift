import Glibc

@testable import TickerStore

/// A directory that is open only to be locked.
final class SimulatedDirectory: File, @unchecked Sendable {
    let disk: SimulatedFileSystem
    let path: String
    var hasLock = false

    init(_ disk: SimulatedFileSystem, _ path: String) {
        self.disk = disk
        self.path = path
    }

    deinit { if hasLock { disk.lockedDirectories.remove(path) } }

    func tryLock() throws(FileError) -> Bool {
        if !disk.locksDirectories { throw FileError("flock", path, EBADF) }
        if !disk.lockedDirectories.insert(path).inserted { return false }
        hasLock = true
        return true
    }

    func status() -> FileStatus { SimulatedFileSystem.directoryStatus(path) }
    func dropCache() {}
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int { throw FileError("pread", path, EISDIR) }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) { throw FileError("pwrite", path, EBADF) }
    func truncate(to length: Int) throws(FileError) { throw FileError("ftruncate", path, EBADF) }
    func allocate(_ length: Int) throws(FileError) { throw FileError("fallocate", path, EBADF) }
    func syncData() {}
    func sync() {}
    func map(_ length: Int) throws(FileError) -> any MappedBytes { throw FileError("mmap", path, ENODEV) }
}
