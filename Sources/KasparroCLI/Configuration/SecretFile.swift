import Glibc
import MarketData
import TickerStore

/// A file with one secret in it: a line of printable text that only its owner, and at most a group, may read.
struct SecretFile {
    var text: String
    /// What the file was when it was read.
    var status: FileStatus

    private static let longest = 4_096
    static let usualCure = "put one line of printable text there"

    /// nil: there is no such file, or nothing but blanks in it, as when the disk was full when it was made.
    ///
    /// - Throws: `CommandFailure`.
    static func read(_ path: String, _ fileSystem: any FileSystem, cure: String = usualCure) throws(CommandFailure) -> SecretFile? {
        let bytes: [UInt8]
        let status: FileStatus
        do throws(FileError) {
            let file = try fileSystem.open(path, .read)
            status = try file.status()
            guard status.kind == .file else { throw FileError("read", path, FileError.notAFile) }
            guard status.size <= longest else { throw FileError("read", path, FileError.tooBig) }
            bytes = try fileSystem.contents(path, limit: longest) ?? []
        } catch {
            if error.code == FileError.notFound { return nil }
            let code: ExitStatus = error.isPermission ? .permission : .failure
            throw CommandFailure(code, "cannot read a secret: \(error)" + (error.isPermission ? StoreOwner.wayOut(of: path) : ""))
        }
        guard let text = try checked(bytes, path, .failure, cure: cure) else { return nil }
        // Everyone on the machine could use it, or whoever may write put one of his own there.
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & 0o026 == 0 else {
            throw CommandFailure(
                .permission,
                "\(path) can be read or changed by others (mode 0\(String(information.st_mode & 0o777, radix: 8))); "
                    + "keep it to yourself: chmod 600 \(path)"
            )
        }
        return SecretFile(text: text, status: status)
    }

    /// The text without blanks around it; nil when nothing is left.
    ///
    /// - Parameters:
    ///   - code: the exit code when it cannot be a secret.
    ///   - cure: what to do then.
    static func checked(
        _ bytes: [UInt8],
        _ origin: String,
        _ code: ExitStatus,
        cure: String = usualCure
    ) throws(CommandFailure) -> String? {
        let blanks: Set<UInt8> = [0x09, 0x0A, 0x0D, 0x20]
        guard let first = bytes.firstIndex(where: { !blanks.contains($0) }), let last = bytes.lastIndex(where: { !blanks.contains($0) }) else {
            return nil
        }
        guard bytes[first...last].allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CommandFailure(code, "the secret \(origin) has blanks or control characters in it; \(cure)")
        }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    /// Puts a new secret in place of the old one in one step, for its owner only.
    ///
    /// - Returns: the secret: 256 bits from the system's generator, in hexadecimal.
    /// - Throws: `CommandFailure`.
    static func generate(at path: String, _ fileSystem: any FileSystem) throws(CommandFailure) -> String {
        try put(at: path, fileSystem) { temporary throws(FileError) in
            try fileSystem.rename(temporary, to: path)
            return true
        }.secret
    }

    /// Puts a new secret where none is; of several processes that do so at once, all get the secret of the first.
    ///
    /// - Returns: the secret that is there.
    /// - Throws: `CommandFailure`.
    static func generateIfMissing(at path: String, _ fileSystem: any FileSystem) throws(CommandFailure) -> String {
        let made = try put(at: path, fileSystem) { temporary throws(FileError) in
            if link(temporary, path) == 0 { return true }
            if errno != EEXIST { throw FileError("link", path, errno) }
            return false
        }
        if made.isInPlace { return made.secret }
        if let other = try read(path, fileSystem) { return other.text }
        // Nothing but blanks: the disk was full.
        return try generate(at: path, fileSystem)
    }

    /// Writes a new secret to a file of its own beside `path`, and lets `place` give it that name.
    private static func put(
        at path: String,
        _ fileSystem: any FileSystem,
        place: (_ temporary: String) throws(FileError) -> Bool
    ) throws(CommandFailure) -> (secret: String, isInPlace: Bool) {
        let secret = (0..<4).map { _ in Hexadecimal.text(UInt64.random(in: .min ... .max)) }.joined()
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let temporary = "\(directory)/.\(name).\(getpid())-\(Hexadecimal.text(UInt64.random(in: .min ... .max))).tmp"
        do throws(FileError) {
            let file = try fileSystem.open(temporary, .createNewPrivate)
            // Gone after a rename.
            defer { unlink(temporary) }
            giveToOwner(of: path, in: directory, temporary)
            try file.write(all: Array((secret + "\n").utf8), at: 0)
            try file.sync()
            let isInPlace = try place(temporary)
            try fileSystem.syncDirectory(directory)
            return (secret, isInPlace)
        } catch {
            throw CommandFailure(error.isPermission ? .permission : .cannotCreate, "cannot write a secret: \(error)")
        }
    }

    /// What root writes for a server that is another user must be that user's.
    private static func giveToOwner(of path: String, in directory: String, _ temporary: String) {
        guard geteuid() == 0 else { return }
        var owner = stat()
        guard stat(path, &owner) == 0 || stat(directory, &owner) == 0, owner.st_uid != 0 || owner.st_gid != getegid() else { return }
        _ = chown(temporary, owner.st_uid, owner.st_gid)
    }
}
