import Glibc

/// The system has no thread to give.
package struct ThreadError: Error, CustomStringConvertible {
    /// What the system says.
    package let reason: String

    package var description: String {
        "cannot start a thread: \(reason); raise the limit on processes and threads (ulimit -u, TasksMax= of the unit, the container's pids limit)"
    }
}

/// Starts a thread of our own for work that blocks.
///
/// - Throws: when there is none to be had; `body` is then not called.
package func startThread(_ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    final class Box { let body: @Sendable () -> Void; init(_ body: @escaping @Sendable () -> Void) { self.body = body } }
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let box = Unmanaged.passRetained(Box(body))
    let result = pthread_create(
        &thread,
        &attributes,
        { argument in
            Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        },
        box.toOpaque()
    )
    pthread_attr_destroy(&attributes)
    guard result != 0 else { return }
    box.release()
    throw ThreadError(reason: errorText(result))
}
