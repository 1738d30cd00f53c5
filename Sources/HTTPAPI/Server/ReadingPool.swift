import NIOPosix

/// Two threads for calls that wait for the disk.
///
/// The cooperative pool has one thread per core; a `pread` that misses the page cache would stop every other request
/// while it waits. The threads live as long as the process, so there is nothing to shut down.
enum ReadingPool {
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()

    /// Runs `body` on one of the threads.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.runIfActive(body)
    }
}
