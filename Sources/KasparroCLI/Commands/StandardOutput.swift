@preconcurrency import Glibc

/// What the commands print.
enum StandardOutput {
    /// Writes what still waits to be written.
    ///
    /// - Throws: `CommandFailure` when something that was printed is lost, as on a full disk. A reader that has enough, as `head` has, is no failure.
    static func finish() throws(CommandFailure) {
        let failed = fflush(stdout) != 0
        let code = errno
        guard failed || ferror(stdout) != 0, !isPipe else { return }
        let reason = failed ? ": \(String(cString: strerror(code)))" : ""
        throw CommandFailure(.failure, "not all of the output could be written\(reason)")
    }

    private static var isPipe: Bool {
        var information = stat()
        guard fstat(STDOUT_FILENO, &information) == 0 else { return false }
        return [S_IFIFO, S_IFSOCK].contains(information.st_mode & S_IFMT)
    }
}
