import TickerStore

/// Work that blocks for long: a compaction, a copy of the store, an opening of it. It gets a thread of its own, so that neither the cooperative
/// pool nor the few threads of `ReadingPool` stand still meanwhile.
package enum OwnThread {
    /// Runs `body` to its end and gives its result; cancelling the task does not end it.
    package static func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let work: @Sendable () -> Void = {
                do throws(Failure) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            // Without a thread of its own it holds up others, and is done all the same.
            do { try startThread(work) } catch { work() }
        }
        return try result.get()
    }
}
