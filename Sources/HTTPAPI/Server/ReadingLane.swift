import HTTPTypes
import NIOPosix
import Synchronization

/// Some threads and those who wait for one.
final class ReadingLane: Sendable {
    private let threads: NIOThreadPool
    private let longest: Int
    private let asking = Atomic<Int>(0)

    /// - Parameter longest: Who may wait or be served at once; more are refused.
    init(threads count: Int, longest: Int) {
        threads = NIOThreadPool(numberOfThreads: count)
        threads.start()
        self.longest = longest
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        defer { asking.subtract(1, ordering: .relaxed) }
        guard asking.add(1, ordering: .relaxed).newValue <= longest else { throw Problem.tooManyReads }
        return try await threads.runIfActive(body)
    }
}

extension Problem {
    fileprivate static var tooManyReads: Problem {
        Problem(
            .serviceUnavailable,
            code: "too_many_reads",
            detail: "More pages were asked for at once than can be read. Ask again in a moment, and for the next page when the last one has come.",
            headers: [.retryAfter: "2"]
        )
    }
}
