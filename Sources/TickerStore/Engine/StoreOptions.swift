import Glibc

/// What the engine takes from its surroundings; tests put their own in place.
package struct StoreOptions: Sendable {
    /// Bytes reserved for a log file; nil: 64 MiB, less on a small disk.
    package var logFileBytes: Int?
    /// Milliseconds since 1970.
    package var now: @Sendable () -> Int64
    /// Random words for the store's id and the log files' salts.
    package var random: @Sendable () -> UInt64
    /// What `LOCK` says to the process that comes second.
    package var holder: String
    /// Called with the number of each batch of the process between writing it and syncing it; for fault tests.
    package var beforeSync: (@Sendable (_ firstLSN: UInt64) -> Void)?

    package init(
        logFileBytes: Int? = nil,
        now: @escaping @Sendable () -> Int64 = { currentMilliseconds() },
        random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) },
        holder: String = "pid \(getpid())"
    ) {
        self.logFileBytes = logFileBytes
        self.now = now
        self.random = random
        self.holder = holder
    }
}

/// The wall clock, in milliseconds since 1970.
package func currentMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}
