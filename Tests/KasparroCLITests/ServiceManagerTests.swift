import Glibc
import TestSupport
import Testing

@testable import KasparroCLI

@Suite struct ServiceManagerTests {
    private static func name(_ prefix: String) -> String { "\(prefix)kasparro-notify-\(getpid())-\(UInt32.random(in: .min ... .max))" }

    @Test(arguments: ["@", "/tmp/"]) func messagesArriveOnBothKindsOfSockets(prefix: String) throws {
        let listener = try NotifyListener(Self.name(prefix))
        defer { if prefix == "/tmp/" { unlink(listener.name) } }
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": listener.name])
        manager.ready("Serving\nall")
        #expect(listener.next(within: 60_000) == ["READY": "1", "STATUS": "Serving all"])
        manager.reloading()
        let reloading = try #require(listener.next(within: 60_000))
        #expect(reloading["RELOADING"] == "1" && reloading["MONOTONIC_USEC"].flatMap { Int($0) } ?? 0 > 0, "\(reloading)")
        manager.extendTimeout(milliseconds: 30_000, "Reading")
        #expect(listener.next(within: 60_000)?["EXTEND_TIMEOUT_USEC"] == "30000000")
        manager.stopping()
        #expect(listener.next(within: 60_000)?["STOPPING"] == "1")
    }

    @Test func aWatchdogIsMeantForOneProcess() {
        func watchdog(_ variables: [String: String]) -> Int? {
            ServiceManager(environment: variables, processID: 42).watchdogMilliseconds
        }
        let base = ["NOTIFY_SOCKET": "@a", "WATCHDOG_USEC": "2000000"]
        #expect(watchdog(base) == 2_000)
        #expect(watchdog(base.merging(["WATCHDOG_PID": "42"]) { $1 }) == 2_000)
        #expect(watchdog(base.merging(["WATCHDOG_PID": "43"]) { $1 }) == nil)
        #expect(watchdog(base.merging(["WATCHDOG_USEC": "x"]) { $1 }) == nil)
        #expect(watchdog(["WATCHDOG_USEC": "2000000"]) == nil, "there is nobody to tell")
    }

    @Test(arguments: ["", "@", "relative", String(repeating: "/a", count: 60), "vsock:2:1"])
    func whatIsNoSocketIsNotSpokenTo(name: String) {
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": name])
        #expect(!manager.isThere)
        manager.ready("")
    }

    @Test func nobodyListeningIsNoFault() {
        ServiceManager(environment: ["NOTIFY_SOCKET": Self.name("@")]).ready("")
    }
}
