package import TickerStore

/// A file system that hands everything on to another one but what a test writes otherwise: to count it, to fill the disk, to meddle.
package protocol FileSystemWrapper: FileSystem {
    var disk: any FileSystem { get }
}

extension FileSystemWrapper {
    package func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File { try disk.open(path, mode) }
    package func rename(_ from: String, to: String) throws(FileError) { try disk.rename(from, to: to) }
    package func link(_ from: String, to: String) throws(FileError) { try disk.link(from, to: to) }
    package func remove(_ path: String) throws(FileError) { try disk.remove(path) }
    package func makeDirectory(_ path: String) throws(FileError) { try disk.makeDirectory(path) }
    package func removeDirectory(_ path: String) throws(FileError) { try disk.removeDirectory(path) }
    package func restrictToOwner(_ path: String) throws(FileError) { try disk.restrictToOwner(path) }
    package func syncDirectory(_ path: String) throws(FileError) { try disk.syncDirectory(path) }
    package func list(_ path: String) throws(FileError) -> [String] { try disk.list(path) }
    package func status(_ path: String) throws(FileError) -> FileStatus? { try disk.status(path) }
    package func space(_ path: String) throws(FileError) -> DiskSpace { try disk.space(path) }
}
