import Synchronization

/// Keeps every other process out of a data directory for as long as it lives.
///
/// It is `flock` on two things: on the directory itself, which is not another one because somebody unlinked a file in it, and on `LOCK`, whose text
/// says who is there, and which is all that older versions look at. Where a file system has no locks for directories (NFS), `LOCK` alone counts.
///
/// Neither holds on to a path: a directory can be moved and another one put in its place. `confirm` tells.
final class DirectoryLock: Sendable {
    private let path: String
    /// What `LOCK` says.
    private let holder: String
    private let fileSystem: any FileSystem
    /// nil: given back.
    private let held: Mutex<Held?>

    /// How often a lock file is opened anew because its name leads to another one by then.
    private static let attempts = 100

    private struct Held: Sendable {
        var directory: any File
        var isDirectoryLocked: Bool
        var file: any File
    }

    /// Takes both locks.
    ///
    /// - Parameters:
    ///   - path: A directory that exists.
    ///   - holder: What the lock file says to the process that comes second.
    ///   - advice: What that one can do, after a semicolon.
    /// - Throws: `.locked`, and what the file system says.
    init(_ path: String, holder: String, fileSystem: any FileSystem, advice: String) throws(StoreError) {
        self.path = path
        self.holder = holder
        self.fileSystem = fileSystem
        let name = Self.name(in: path)
        var isReplaced = false
        let taken = try storing { () throws(FileError) -> Held? in
            let directory = try fileSystem.open(path, .read)
            let isLocked = Self.lock(directory)
            if isLocked == false { return nil }
            for _ in 0..<Self.attempts {
                let file = try fileSystem.open(name, .openOrCreate)
                guard try file.tryLock() else { return nil }
                // Between opening and locking somebody may have taken its name away.
                guard try file.status().isSame(as: fileSystem.status(name)) else { continue }
                try file.truncate(to: 0)
                try file.write(all: Array((holder + "\n").utf8), at: 0)
                return Held(directory: directory, isDirectoryLocked: isLocked == true, file: file)
            }
            isReplaced = true
            return nil
        }
        if isReplaced {
            throw StoreError(.cannotCreate, "\(name) is a symbolic link, or is replaced again and again; remove it, and start again")
        }
        guard let taken else {
            let owner = Self.words(of: path, fileSystem)
            throw StoreError(.locked, "\(path) is in use by \(owner); \(advice)")
        }
        held = Mutex(taken)
    }

    /// Gives the locks back, whoever else still has a reference.
    func release() {
        held.withLock { held in
            // Whoever finds a lock next should not be told of a process that has ended.
            if let file = held?.file, let there = try? fileSystem.status(Self.name(in: path)), (try? file.status())?.isSame(as: there) == true {
                try? file.truncate(to: 0)
            }
            held = nil
        }
    }

    /// The process that has a directory open, by its own words; nil when none has, or there is no directory.
    static func holder(of path: String, _ fileSystem: any FileSystem) throws(FileError) -> String? {
        // Given back at once: what comes next takes it again, or finds out.
        if let directory = try? fileSystem.open(path, .read), lock(directory) == false { return words(of: path, fileSystem) }
        guard try fileSystem.status(name(in: path)) != nil else { return nil }
        return try fileSystem.open(name(in: path), .read).tryLock() ? nil : words(of: path, fileSystem)
    }

    /// Makes sure that the directory is still the one that was locked, before anything in it is changed by its name.
    ///
    /// A `LOCK` that was unlinked is made anew: while the directory itself is locked nobody can have come in, but for an older version, which would
    /// have left a `LOCK` of its own.
    ///
    /// - Throws: `.poisoned` when another process may write to the store, or the path leads elsewhere by now.
    func confirm() throws(StoreError) {
        let state = try storing { () throws(FileError) -> Confirmation in
            try held.withLock { held throws(FileError) -> Confirmation in
                guard let known = held else { return .released }
                let name = Self.name(in: path)
                let there = try fileSystem.status(name)
                if try known.file.status().isSame(as: there) { return .held }
                guard try isInPlace(known.directory) else { return .moved }
                guard known.isDirectoryLocked, there == nil else { return .replaced }
                let made = try fileSystem.open(name, .createNew)
                guard try made.tryLock() else { return .replaced }
                held?.file = made
                // Its text is for people; on a full disk the lock counts without it.
                try? made.write(all: Array((holder + "\n").utf8), at: 0)
                return .held
            }
        }
        switch state {
        case .held: return
        case .released: throw StoreError(.closed, "the store is closed")
        case .moved:
            throw StoreError(
                .poisoned,
                "\(path) is not the directory any more that this process has opened: it was moved, or another one is in its place. Nothing more is "
                    + "acknowledged; stop this process, put the directory back where it was, and start again"
            )
        case .replaced:
            throw StoreError(
                .poisoned,
                "\(path)/LOCK is not the file any more that this process has locked, so another one may have written to the store. Nothing more is "
                    + "acknowledged; stop both, let `kasparro verify --deep` look at the store, and start one"
            )
        }
    }

    private enum Confirmation { case held, released, moved, replaced }

    /// Whether the path still leads to the directory that was locked.
    private func isInPlace(_ directory: any File) throws(FileError) -> Bool {
        do throws(FileError) {
            return try directory.status().isSame(as: fileSystem.open(path, .read).status())
        } catch {
            if error.code == FileError.notFound { return false }
            throw error
        }
    }

    private static func name(in path: String) -> String { path + "/LOCK" }

    /// Whether a directory could be locked; nil where that cannot be done.
    private static func lock(_ directory: any File) -> Bool? { try? directory.tryLock() }

    private static func words(of path: String, _ fileSystem: any FileSystem) -> String {
        // A program such as flock(1) can have the directory without having `LOCK`.
        if let file = try? fileSystem.open(name(in: path), .read), (try? file.tryLock()) == true {
            return "another program that has locked the directory itself, as `flock \(path)` does: lock another file there"
        }
        let text = ((try? fileSystem.contents(name(in: path))) as [UInt8]??) ?? nil
        let words = String(decoding: (text ?? []).prefix { $0 != 0x0A }, as: UTF8.self)
        return words.isEmpty ? "another process" : words
    }
}

extension FileStatus {
    /// Whether both are one file, whatever its names are.
    func isSame(as other: FileStatus?) -> Bool { other.map { device == $0.device && inode == $0.inode } ?? false }
}

/// Who has a data directory open, for commands that only ask.
package enum DataDirectoryHolder {
    /// The process by its own words, the first line of `LOCK`; nil when none has it open, or there is no directory.
    package static func name(of path: String, _ fileSystem: any FileSystem) throws(FileError) -> String? {
        try DirectoryLock.holder(of: path, fileSystem)
    }
}
