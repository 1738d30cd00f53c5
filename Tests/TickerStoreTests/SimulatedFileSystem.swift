import Glibc
import Synchronization
import TestSupport

@testable import TickerStore

/// A disk in memory that can lose power, fail and fill up.
///
/// Written data reach the "platter" only by a sync of the file, names (also of directories) only by a sync of their directory. `crashed` gives
/// the disk as it is after a power loss, `killed` as it is when only the process ended. Single-threaded by contract.
final class SimulatedFileSystem: FileSystem, @unchecked Sendable {
    enum CrashMode: CaseIterable {
        /// Everything that was not synced is lost.
        case strict
        /// A prefix of what was done since, in order, survived.
        case prefix
        /// Each piece of data and each name survived or not on its own.
        case reorder
    }

    enum Fault {
        case none
        /// The n-th operation (from 0) fails, and when `forever` all later ones that change something; a disk that stays full refuses what takes space.
        case fail(at: Int, code: Int32, forever: Bool)
        /// The next operation of this name fails.
        case failNext(String, code: Int32)
        /// Power goes at the n-th operation: it and all later ones fail.
        case powerLoss(at: Int)
    }

    /// Not a code any system has.
    static let powerLossCode: Int32 = 9_999

    fileprivate enum Change {
        case write(inode: Int, offset: Int, bytes: [UInt8])
        case resize(inode: Int, length: Int)
        case name(directory: String, path: String, inode: Int?)
        case rename(directory: String, from: String, to: String, inode: Int)
        case makeDirectory(parent: String, path: String)
    }

    fileprivate var current: [Int: [UInt8]] = [:]
    fileprivate var durable: [Int: [UInt8]] = [:]
    private var names: [String: Int] = [:]
    private var durableNames: [String: Int] = [:]
    private var directories: Set<String> = [""]
    private var durableDirectories: Set<String> = [""]
    fileprivate var changes: [Change] = []
    fileprivate var locked: Set<Int> = []
    var lockedDirectories: Set<String> = []
    /// As NFS is.
    var locksDirectories = true
    private var nextInode = 1
    private(set) var operations = 0
    var fault = Fault.none
    /// Called before each operation that changes something, with its name: what a power loss at this moment would leave can be looked at.
    var willChange: ((String) -> Void)?
    var free = 1 << 40

    init() {}

    /// Looks at the disk as if it were not looked at: without faults, and without counting operations.
    func unwatched<T>(_ look: () throws -> T) rethrows -> T {
        let before = (fault, operations, willChange)
        defer { (fault, operations, willChange) = before }
        (fault, willChange) = (.none, nil)
        return try look()
    }

    /// Every call that reaches the disk passes here.
    fileprivate func operate(_ name: String, _ path: String) throws(FileError) {
        if let willChange, isChanging(name) { willChange(name) }
        defer { operations += 1 }
        switch fault {
        case .none: return
        case .fail(let at, let code, let forever):
            let isMet = forever ? operations >= at && (code == ENOSPC ? needsSpace(name) : operations == at || isChanging(name)) : operations == at
            if isMet { throw FileError(name == "create" ? "open" : name, path, code) }
        case .failNext(let wanted, let code):
            guard wanted == name else { return }
            fault = .none
            throw FileError(name, path, code)
        case .powerLoss(let at):
            if operations >= at { throw FileError(name, path, Self.powerLossCode) }
        }
    }

    private func isChanging(_ name: String) -> Bool { name != "open" && name != "pread" && name != "mmap" && name != "stat" && name != "list" }

    private func needsSpace(_ name: String) -> Bool { ["create", "pwrite", "fallocate", "link", "mkdir"].contains(name) }

    /// The disk after power came back.
    func crashed(_ mode: CrashMode, seed: UInt64) -> SimulatedFileSystem {
        var random = SplitMix64(seed: seed)
        let after = SimulatedFileSystem()
        after.current = durable
        after.names = durableNames
        after.directories = durableDirectories
        after.nextInode = nextInode
        let survivors = mode == .prefix ? Int.random(in: 0...changes.count, using: &random) : changes.count
        for change in changes.prefix(mode == .strict ? 0 : survivors) {
            after.apply(change, torn: mode == .reorder ? { Bool.random(using: &random) } : { true })
        }
        // What lies in a directory that is not there is not there.
        after.directories = after.directories.filter { after.isReachable($0) }
        after.names = after.names.filter { after.isReachable(parent($0.key)) }
        after.durable = after.current
        after.durableNames = after.names
        after.durableDirectories = after.directories
        return after
    }

    /// The disk when the process ended and the system went on: what was not synced is still not synced.
    func killed() -> SimulatedFileSystem {
        let after = copy()
        after.durable = durable
        after.durableNames = durableNames
        after.durableDirectories = durableDirectories
        after.changes = changes
        return after
    }

    private func isReachable(_ directory: String) -> Bool {
        directories.contains(directory) && (directory.isEmpty || isReachable(parent(directory)))
    }

    private func apply(_ change: Change, torn survives: () -> Bool) {
        switch change {
        case .write(let inode, let offset, let bytes):
            // A disk writes sectors, each of them or not.
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, ((offset + start) / 512 + 1) * 512 - offset)
                if survives() { put(inode, offset + start, bytes[start..<end]) }
                start = end
            }
        case .resize(let inode, let length): if survives() { resize(inode, length) }
        case .name(_, let path, let inode): if survives() { names[path] = inode }
        case .makeDirectory(_, let path): if survives() { directories.insert(path) }
        case .rename(_, let from, let to, let inode):
            if survives() {
                names[from] = nil
                names[to] = inode
            }
        }
    }

    fileprivate func put(_ inode: Int, _ offset: Int, _ bytes: ArraySlice<UInt8>) {
        var content = current[inode] ?? []
        if content.count < offset + bytes.count { content.append(contentsOf: repeatElement(0, count: offset + bytes.count - content.count)) }
        content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        current[inode] = content
    }

    fileprivate func resize(_ inode: Int, _ length: Int) {
        var content = current[inode] ?? []
        if content.count > length {
            content.removeSubrange(length...)
        } else {
            content.append(contentsOf: repeatElement(0, count: length - content.count))
        }
        current[inode] = content
    }

    /// A disk of its own with the same content, all of it durable.
    func copy() -> SimulatedFileSystem {
        let after = SimulatedFileSystem()
        after.current = current
        after.durable = current
        after.names = names
        after.durableNames = names
        after.directories = directories
        after.durableDirectories = directories
        after.nextInode = nextInode
        after.free = free
        return after
    }

    /// Pages that are not dirty are forgotten: what a failed sync called clean and never wrote is gone.
    fileprivate func evict(_ inode: Int) {
        let shown = current[inode]
        current[inode] = durable[inode]
        for change in changes {
            switch change {
            case .write(inode, let offset, let bytes): put(inode, offset, bytes[...])
            case .resize(inode, let length): resize(inode, length)
            default: break
            }
        }
        // A size is no page.
        if let shown, current[inode]!.count != shown.count { resize(inode, shown.count) }
    }

    /// Changes a file behind the program's back.
    func tamper(_ path: String, _ change: (inout [UInt8]) -> Void) {
        let inode = names[path]!
        change(&current[inode]!)
        durable[inode] = current[inode]
    }

    func content(_ path: String) -> [UInt8] { current[names[path]!]! }
    var paths: [String] { names.keys.sorted() }

    // MARK: FileSystem

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> any File {
        try operate(names[path] == nil && mode != .read && mode != .readWrite && mode != .readNoFollow ? "create" : "open", path)
        if directories.contains(path), mode == .read { return SimulatedDirectory(self, path) }
        if let inode = names[path] {
            if mode == .createNew || mode == .createNewPrivate { throw FileError("open", path, EEXIST) }
            return SimulatedFile(self, inode, path)
        }
        guard mode != .read, mode != .readWrite, mode != .readNoFollow, directories.contains(parent(path)) else {
            throw FileError("open", path, ENOENT)
        }
        let inode = nextInode
        nextInode += 1
        names[path] = inode
        current[inode] = []
        durable[inode] = []
        changes.append(.name(directory: parent(path), path: path, inode: inode))
        return SimulatedFile(self, inode, path)
    }

    func rename(_ from: String, to: String) throws(FileError) {
        try operate("rename", from)
        guard let inode = names[from] else { throw FileError("rename", from, ENOENT) }
        names[from] = nil
        names[to] = inode
        changes.append(.rename(directory: parent(to), from: from, to: to, inode: inode))
    }

    func link(_ from: String, to: String) throws(FileError) {
        try operate("link", from)
        guard let inode = names[from] else { throw FileError("link", from, ENOENT) }
        guard names[to] == nil else { throw FileError("link", to, EEXIST) }
        names[to] = inode
        changes.append(.name(directory: parent(to), path: to, inode: inode))
    }

    func remove(_ path: String) throws(FileError) {
        try operate("unlink", path)
        guard names[path] != nil else { throw FileError("unlink", path, ENOENT) }
        names[path] = nil
        changes.append(.name(directory: parent(path), path: path, inode: nil))
    }

    func makeDirectory(_ path: String) throws(FileError) {
        try operate("mkdir", path)
        guard directories.contains(parent(path)) else { throw FileError("mkdir", path, ENOENT) }
        if !directories.insert(path).inserted { throw FileError("mkdir", path, EEXIST) }
        changes.append(.makeDirectory(parent: parent(path), path: path))
    }

    func removeDirectory(_ path: String) throws(FileError) {
        try operate("rmdir", path)
        if directories.remove(path) == nil { throw FileError("rmdir", path, ENOENT) }
    }

    /// There is one user here.
    func restrictToOwner(_ path: String) throws(FileError) { try operate("chmod", path) }

    func syncDirectory(_ path: String) throws(FileError) {
        try operate("fsync", path)
        let path = path == "." ? "" : path
        changes.removeAll { change in
            switch change {
            case .name(path, let name, let inode):
                durableNames[name] = inode
                return true
            case .rename(path, let from, let to, let inode):
                durableNames[from] = nil
                durableNames[to] = inode
                return true
            case .makeDirectory(path, let name):
                durableDirectories.insert(name)
                return true
            default: return false
            }
        }
    }

    func list(_ path: String) throws(FileError) -> [String] {
        try operate("list", path)
        guard directories.contains(path) else { throw FileError("opendir", path, ENOENT) }
        let prefix = path + "/"
        let all = Array(names.keys) + Array(directories)
        return all.filter { $0.hasPrefix(prefix) && !$0.dropFirst(prefix.count).contains("/") }.map { String($0.dropFirst(prefix.count)) }.sorted()
    }

    func status(_ path: String) throws(FileError) -> FileStatus? {
        try operate("stat", path)
        if let inode = names[path] { return FileStatus(kind: .file, size: current[inode]!.count, inode: UInt64(inode)) }
        return directories.contains(path) ? Self.directoryStatus(path) : nil
    }

    static func directoryStatus(_ path: String) -> FileStatus {
        FileStatus(kind: .directory, size: 0, inode: UInt64(truncatingIfNeeded: path.hashValue))
    }

    func space(_ path: String) throws(FileError) -> DiskSpace { DiskSpace(free: free, total: 1 << 41) }

    private func parent(_ path: String) -> String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }
}

private final class SimulatedFile: File, @unchecked Sendable {
    let disk: SimulatedFileSystem
    let inode: Int
    let path: String
    var hasLock = false

    init(_ disk: SimulatedFileSystem, _ inode: Int, _ path: String) {
        self.disk = disk
        self.inode = inode
        self.path = path
    }

    deinit { if hasLock { disk.locked.remove(inode) } }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        try disk.operate("pread", path)
        let content = disk.current[inode]!
        guard offset < content.count else { return 0 }
        let count = min(buffer.count, content.count - offset)
        buffer.copyBytes(from: content[offset..<offset + count])
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        do throws(FileError) {
            try disk.operate("pwrite", path)
        } catch {
            // A failed write may have done half of its work.
            store(Array(bytes.prefix(bytes.count / 2)), at: offset)
            throw error
        }
        store(Array(bytes), at: offset)
    }

    private func store(_ bytes: [UInt8], at offset: Int) {
        disk.put(inode, offset, bytes[...])
        disk.changes.append(.write(inode: inode, offset: offset, bytes: bytes))
    }

    func truncate(to length: Int) throws(FileError) {
        try disk.operate("ftruncate", path)
        disk.resize(inode, length)
        disk.changes.append(.resize(inode: inode, length: length))
    }

    func allocate(_ length: Int) throws(FileError) {
        try disk.operate("fallocate", path)
        guard disk.current[inode]!.count < length else { return }
        disk.resize(inode, length)
        disk.changes.append(.resize(inode: inode, length: length))
    }

    func syncData() throws(FileError) { try sync("fdatasync") }
    func sync() throws(FileError) { try sync("fsync") }

    private func sync(_ name: String) throws(FileError) {
        var failure: FileError?
        do throws(FileError) { try disk.operate(name, path) } catch { failure = error }
        // After a failed sync the kernel calls the pages clean: they are readable, and never reach the disk.
        let powerWent = failure?.code == SimulatedFileSystem.powerLossCode
        if !powerWent {
            disk.changes.removeAll { change in
                switch change {
                case .write(inode, _, _), .resize(inode, _): true
                default: false
                }
            }
            if failure == nil { disk.durable[inode] = disk.current[inode] }
        }
        if let failure { throw failure }
    }

    func status() throws(FileError) -> FileStatus { FileStatus(kind: .file, size: disk.current[inode]!.count, inode: UInt64(inode)) }

    func tryLock() throws(FileError) -> Bool {
        if disk.locked.contains(inode) { return false }
        disk.locked.insert(inode)
        hasLock = true
        return true
    }

    func dropCache() { disk.evict(inode) }

    func map(_ length: Int) throws(FileError) -> any MappedBytes {
        try disk.operate("mmap", path)
        let content = disk.current[inode]!
        guard content.count >= length else { throw FileError("mmap", path, EINVAL) }
        return HeapBytes(Array(content[..<length]))
    }
}
