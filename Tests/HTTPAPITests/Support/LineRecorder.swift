import Synchronization

/// The lines of a log, for a test to read.
final class LineRecorder: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    func add(_ line: String) -> Bool {
        state.withLock { $0.append(line) }
        return true
    }
}
