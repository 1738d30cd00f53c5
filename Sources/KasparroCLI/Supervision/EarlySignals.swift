import Glibc
import Synchronization

/// SIGTERM and SIGINT while a server starts: what was begun is brought to where it can be ended in an orderly way, and then it is ended. As the
/// first process of a container it would not hear of them otherwise.
enum EarlySignals {
    private static let haveCome = Atomic<Bool>(false)

    /// Whether one has come since `trap`.
    static var haveArrived: Bool { haveCome.load(ordering: .relaxed) }

    /// From now on one is remembered, and a second one ends the process with 1.
    static func trap() {
        // Made here: a handler must not be the first to touch it.
        haveCome.store(false, ordering: .relaxed)
        for number in [SIGTERM, SIGINT] {
            signal(number) { _ in
                if EarlySignals.haveCome.exchange(true, ordering: .relaxed) { _exit(1) }
            }
        }
    }

    /// Says it again to whoever listens by now.
    static func passOn() {
        if haveArrived { kill(getpid(), SIGTERM) }
    }
}
