import Glibc

/// Takes away the file that is being written when a signal ends the command.
enum UnfinishedFile {
    /// For the signal handler, which may neither allocate nor lock. Set once, before there is a handler.
    nonisolated(unsafe) private static var path: UnsafeMutablePointer<CChar>?

    /// Call it at most once in a process; no harm is done when the file has another name by then.
    static func removeOnSignal(_ path: String) {
        guard self.path == nil else { return }
        self.path = strdup(path)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // `nohup` stays what it is.
            let before = signal(number) { number in
                if let path = UnfinishedFile.path { unlink(path) }
                // The parent sees which signal it was.
                signal(number, SIG_DFL)
                raise(number)
            }
            if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
        }
    }
}
