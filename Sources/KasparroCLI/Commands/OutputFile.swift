import Glibc

/// Where a command's result goes: standard output, or a file that has its name only when it is whole.
final class OutputFile: Sendable {
    private let descriptor: Int32
    private let path: String?
    /// A name that no other export writes to, even one to the same file; nil where the result goes straight to its place.
    private let temporary: String?

    /// - Parameter path: nil: standard output. A file of that name is replaced at the end; a device or a pipe is written to.
    init(_ path: String?) throws(CommandFailure) {
        self.path = path
        guard let path else {
            descriptor = STDOUT_FILENO
            temporary = nil
            return
        }
        if Self.isNoFile(path) {
            temporary = nil
            descriptor = try Self.open(path, O_WRONLY)
            return
        }
        let name = "\(path).\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16)).part"
        temporary = name
        descriptor = try Self.open(name, O_WRONLY | O_CREAT | O_EXCL)
        UnfinishedFile.removeOnSignal(name)
    }

    /// Whether something is there that a file must not take the place of, such as /dev/null.
    private static func isNoFile(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT != S_IFREG
    }

    private static func open(_ path: String, _ flags: Int32) throws(CommandFailure) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o666)
        if descriptor >= 0 { return descriptor }
        throw CommandFailure(errno == EACCES ? .permission : .cannotCreate, "cannot write \(path): \(String(cString: strerror(errno)))")
    }

    /// Writes all of it. Blocks.
    func write(_ bytes: UnsafeRawBufferPointer) throws(CommandFailure) {
        var start = 0
        while start < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + start, bytes.count - start)
            if count < 0, errno == EINTR { continue }
            // Whoever read has enough, as `head` does; nothing was begun that must be ended.
            if count < 0, errno == EPIPE, path == nil { _exit(0) }
            guard count > 0 else {
                throw CommandFailure(.failure, "cannot write \(path ?? "to standard output"): \(String(cString: strerror(errno)))")
            }
            start += count
        }
    }

    /// Gives the file its name.
    func finish() throws(CommandFailure) {
        guard let path else { return }
        guard fsync(descriptor) == 0 || errno == EINVAL, close(descriptor) == 0, temporary.map({ rename($0, path) == 0 }) ?? true else {
            throw CommandFailure(.failure, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Takes away what was written of a file that will not be whole.
    func discard() {
        guard let temporary else { return }
        close(descriptor)
        unlink(temporary)
    }
}
