import Synchronization

/// What may change about answers while the server runs.
package final class AnswerOptions: Sendable {
    struct Values: Sendable {
        var crossOrigin: CrossOrigin
        var logsAccess: Bool
    }

    private let values: Mutex<Values>

    init(crossOrigin: CrossOrigin, logsAccess: Bool) {
        values = Mutex(Values(crossOrigin: crossOrigin, logsAccess: logsAccess))
    }

    var current: Values { values.withLock { $0 } }

    /// Counts for every request that is answered from now on.
    ///
    /// - Parameters:
    ///   - crossOrigin: which pages of other origins may read answers.
    ///   - logsAccess: whether each request is worth a line of the log.
    package func change(crossOrigin: CrossOrigin, logsAccess: Bool) {
        values.withLock { $0 = Values(crossOrigin: crossOrigin, logsAccess: logsAccess) }
    }
}
