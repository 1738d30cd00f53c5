import Glibc

/// Where a command's result goes: standard output, or a file that has its name only when it is whole.
final class OutputFile: Sendable {
    private let descriptor: Int32
    private let path: String?
    /// A name that no other export writes to, even one to the same file.
    private let temporary: String

    /// - Parameter path: nil: standard output. A file of that name is replaced at the end.
    init(_ path: String?) throws(CommandFailure) {
        self.path = path
        guard let path else {
            descriptor = STDOUT_FILENO
            temporary = ""
            return
        }
        temporary = "\(path).\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16)).part"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor < 0 {
            throw CommandFailure(errno == EACCES ? .permission : .cannotCreate, "cannot write \(temporary): \(String(cString: strerror(errno)))")
        }
        UnfinishedFile.removeOnSignal(temporary)
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
        guard fsync(descriptor) == 0 || errno == EINVAL, close(descriptor) == 0, rename(temporary, path) == 0 else {
            throw CommandFailure(.failure, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Takes away what was written of a file that will not be whole.
    func discard() {
        guard path != nil else { return }
        close(descriptor)
        unlink(temporary)
    }
}
