import Glibc
import Synchronization
import TestSupport
import Testing

@testable import KasparroCLI

@Suite struct SupervisionTests {
    /// What the watchdog is told is wrong, and how often it asked.
    private final class Fault: Sendable {
        let text = Mutex<String?>(nil)
        private let asked = Mutex(0)

        func answer() -> String? {
            asked.withLock { $0 += 1 }
            return text.withLock { $0 }
        }

        /// Blocks until it was asked so many times more.
        func waitUntilAsked(times: Int) {
            let end = asked.withLock { $0 } + times
            while asked.withLock({ $0 }) < end { usleep(1_000) }
        }
    }

    private static func supervision(watchdogMicroseconds: Int) throws -> (Supervision, NotifyListener, Fault) {
        let listener = try NotifyListener("@kasparro-watchdog-\(getpid())-\(UInt32.random(in: .min ... .max))")
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": listener.name, "WATCHDOG_USEC": "\(watchdogMicroseconds)"])
        let supervision = Supervision(manager)
        supervision.start()
        let fault = Fault()
        supervision.serving(.init(fault: { _ in fault.answer() }, status: { "fine" }))
        return (supervision, listener, fault)
    }

    @Test(.timeLimit(.minutes(10))) func theWatchdogIsToldWhileAllIsWellAndNotWhenItIsNot() throws {
        let (supervision, listener, fault) = try Self.supervision(watchdogMicroseconds: 400_000)
        #expect(listener.next(with: "READY", within: 60_000)?["STATUS"] == "fine")
        #expect(listener.next(with: "WATCHDOG", within: 60_000) != nil)
        fault.text.withLock { $0 = "the store is stuck" }
        // One may be under way.
        fault.waitUntilAsked(times: 2)
        while listener.next(within: 0) != nil {}
        fault.waitUntilAsked(times: 3)
        while let message = listener.next(within: 0) { #expect(message["WATCHDOG"] == nil, "the watchdog was told that all is well") }
        fault.text.withLock { $0 = nil }
        #expect(listener.next(with: "WATCHDOG", within: 60_000) != nil, "it is not told that all is well again")
        supervision.stopping()
        #expect(listener.next(with: "STOPPING", within: 60_000) != nil)
    }

    @Test func aReloadIsToldFromItsBeginningToItsEnd() throws {
        let (supervision, listener, _) = try Self.supervision(watchdogMicroseconds: 60_000_000)
        _ = listener.next(with: "READY", within: 60_000)
        func reload(isTaken: Bool) -> String? {
            supervision.reload {
                #expect(listener.next(with: "RELOADING", within: 60_000) != nil)
                return isTaken
            }
            return listener.next(with: "READY", within: 60_000)?["STATUS"]
        }
        #expect(reload(isTaken: true) == "fine")
        #expect(reload(isTaken: false) == "fine; the new configuration was refused; the old one is in force")
        #expect(reload(isTaken: true) == "fine")
        supervision.stopping()
        supervision.reload {
            Issue.record("a server that stops was reloaded")
            return true
        }
    }
}
