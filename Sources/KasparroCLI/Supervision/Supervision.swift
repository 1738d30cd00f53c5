import Glibc
import Logging
import Synchronization
import TickerStore

/// Tells the service manager how the process is, from a thread of its own: while it starts, that it does so still; while it serves, that it really
/// works; until it has ended.
final class Supervision: Sendable {
    /// What is asked of a server.
    struct Subject: Sendable {
        /// What does not work; nil: everything does. Blocks for so many milliseconds at most.
        var fault: @Sendable (_ milliseconds: Int) -> String?
        /// A line for people.
        var status: @Sendable () -> String
    }

    private enum Phase: Sendable {
        case starting
        case serving(Subject)
        case stopping
    }

    let manager: ServiceManager
    private let phase = Mutex(Phase.starting)
    private let isRefused = Mutex(false)
    private let alarm = BlockingQueue<Void>()

    private static let startingMilliseconds = 5_000
    /// A start that got somewhere in the last five seconds may take thirty more.
    private static let extensionMilliseconds = 30_000
    private static let statusMilliseconds = 10_000

    init(_ manager: ServiceManager) {
        self.manager = manager
    }

    /// Begins; does nothing without a service manager.
    func start() {
        guard manager.isThere else { return }
        // Without it a watchdog ends the process, which cannot work without threads anyway.
        try? startThread { [self] in work() }
    }

    /// The server answers. Returns when the manager knows.
    func serving(_ subject: Subject) {
        phase.withLock { $0 = .serving(subject) }
        manager.ready(subject.status())
        alarm.pushUrgent(())
    }

    /// The server is about to end. What it still does is for `TimeoutStopSec` to judge.
    func stopping() {
        phase.withLock { $0 = .stopping }
        manager.stopping()
        alarm.pushUrgent(())
    }

    /// Does what a reload does, and tells the manager when it begins and ends; nothing while the server stops.
    ///
    /// - Parameter body: false when the new configuration was refused, which the status says until one is taken.
    func reload(_ body: () -> Bool) {
        switch phase.withLock({ $0 }) {
        case .starting: _ = body()
        case .stopping: break
        case .serving(let subject):
            manager.reloading()
            let isTaken = body()
            isRefused.withLock { $0 = !isTaken }
            // After `STOPPING` nothing else is true.
            if case .serving = phase.withLock({ $0 }) { manager.ready(status(of: subject)) }
        }
    }

    private func status(of subject: Subject) -> String {
        let refusal = isRefused.withLock { $0 } ? "; the new configuration was refused; the old one is in force" : ""
        return subject.status() + refusal
    }

    // MARK: The thread

    private func work() {
        var told = ""
        var logger: Logger?
        var hasFault = false
        var progress = ProcessProgress()
        var wait = Self.startingMilliseconds
        while alarm.popAll(waitingAtMost: wait) != nil {
            switch phase.withLock({ $0 }) {
            case .starting:
                wait = Self.startingMilliseconds
                if progress.hasMoved() { manager.extendTimeout(milliseconds: Self.extensionMilliseconds, "Reading the data directory") }
            case .serving(let subject):
                wait = manager.watchdogMilliseconds.map { min($0 / 2, Self.statusMilliseconds) } ?? Self.statusMilliseconds
                if let watchdog = manager.watchdogMilliseconds {
                    let fault = subject.fault(max(50, watchdog / 5))
                    if let fault {
                        // Asked again soon: the manager's patience runs.
                        wait = min(wait, max(50, watchdog / 20))
                        if !hasFault {
                            logger = logger ?? Logger(label: "kasparro")
                            logger?.error("the watchdog is not told that all is well, and will end this process: \(fault)")
                        }
                    } else {
                        manager.works()
                    }
                    hasFault = fault != nil
                }
                let status = status(of: subject)
                if status != told { manager.tell(status: status) }
                told = status
            case .stopping:
                wait = manager.watchdogMilliseconds.map { $0 / 2 } ?? 60_000
                if manager.watchdogMilliseconds != nil { manager.works() }
            }
        }
    }
}

/// Whether this process does something: a start that waits for ever is none that takes long.
private struct ProcessProgress {
    private var before = Self.spent()

    mutating func hasMoved() -> Bool {
        let now = Self.spent()
        defer { before = now }
        return now > before
    }

    /// Processor time in milliseconds, and blocks read and written.
    private static func spent() -> Int {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        let time = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + $1.tv_sec * 1_000 + Int($1.tv_usec) / 1_000 }
        return time + usage.ru_inblock + usage.ru_oublock
    }
}
