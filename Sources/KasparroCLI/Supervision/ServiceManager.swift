import Glibc

/// The service manager that started this process, mostly systemd, and what it wants to be told. Without one every message goes nowhere.
struct ServiceManager: Sendable {
    private let socket: NotifySocket?
    /// The process is killed when it does not say within this time that it works; nil: nobody watches.
    let watchdogMilliseconds: Int?

    /// - Parameters:
    ///   - environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` (sd_watchdog_enabled(3)).
    ///   - processID: ours; a watchdog for another process is none.
    init(environment: [String: String], processID: Int32 = getpid()) {
        socket = environment["NOTIFY_SOCKET"].flatMap { NotifySocket($0) }
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int($0) } ?? 0
        watchdogMilliseconds = socket != nil && isMeant && microseconds > 0 ? max(1, microseconds / 1_000) : nil
    }

    /// The variables are for this process and not for its children.
    static func forgetVariables() {
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { unsetenv(name) }
    }

    var isThere: Bool { socket != nil }

    /// What `systemctl status` shows.
    private static func status(_ text: String) -> String { "STATUS=" + text.replacing("\n", with: " ") }

    /// Requests are answered from now on, or a reload has ended.
    func ready(_ text: String) { socket?.send(["READY=1", Self.status(text)]) }

    func tell(status text: String) { socket?.send([Self.status(text)]) }

    /// The process works.
    func works() { socket?.send(["WATCHDOG=1"]) }

    /// A start that goes on may take so long from now on.
    func extendTimeout(milliseconds: Int, _ text: String) {
        socket?.send(["EXTEND_TIMEOUT_USEC=\(milliseconds * 1_000)", Self.status(text)])
    }

    /// The configuration is being read again; `ready` follows.
    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        socket?.send(["RELOADING=1", "MONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1_000)", Self.status("Reading the configuration")])
    }

    func stopping() { socket?.send(["STOPPING=1", Self.status("Stopping")]) }
}
