/// Threads for calls that wait for the disk.
///
/// The cooperative pool has one thread per core; a `pread` that misses the page cache would stop every other request
/// while it waits. The threads live as long as the process, so there is nothing to shut down.
enum ReadingPool {
    private static let pages = ReadingLane(threads: 2, longest: 256)
    private static let short = ReadingLane(threads: 1, longest: 4_096)

    /// Runs `body`, which may take as long as a page does, on one of two threads.
    ///
    /// - Parameter isWanted: Asked when its turn has come: what nobody waits for any more is not begun.
    /// - Throws: a 503 when too many wait already; `CancellationError` when it is not wanted.
    static func run<Value: Sendable>(
        isWanted: @escaping @Sendable () -> Bool = { true },
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await pages.run {
            guard isWanted() else { throw CancellationError() }
            return try body()
        }
    }

    /// Runs `body`, which takes some milliseconds at most, on a thread that pages do not keep busy: health, tokens, one run.
    static func runShort<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value { try await short.run(body) }
}
