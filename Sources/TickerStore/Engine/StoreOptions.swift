import Glibc

/// What the engine takes from its surroundings; tests put their own in place.
package struct StoreOptions: Sendable {
    /// Bytes reserved for a log file; nil: 64 MiB, less on a small disk.
    package var logFileBytes: Int?
    /// Rows in the open log file from which it is sealed.
    package var sealRows = 262_144
    /// Full log files that may wait for sealing; then commits wait.
    package var maximumClosedLogs = 8
    /// A segment takes no more rows than this, and those that share the last one's instant.
    package var maximumSegmentRows = 2 << 20
    /// At most 65,536; less only in tests.
    package var maximumGroupRows = GroupColumns.maximumRows
    package var compaction = CompactionPolicy()
    package var retention = Retention()
    /// Bytes that must be free on the disk, else the store is read-only; nil: 64 MiB or 1 % of the disk, whichever is more.
    package var minimumFree: Int?
    /// Files that the process may have open; each segment needs one.
    package var maximumOpenFiles = openFileLimit()
    /// Bytes of decoded blocks that are kept.
    package var blockCacheBytes = 64 << 20
    /// Milliseconds since 1970.
    package var now: @Sendable () -> Int64
    /// Milliseconds of a clock that nobody sets, for intervals.
    package var monotonic: @Sendable () -> Int64 = { currentMonotonicMilliseconds() }
    /// Raised to end the maintenance that is running, at a stop.
    let cancellation = MaintenanceCancellation()
    /// Random words for the store's id and the log files' salts.
    package var random: @Sendable () -> UInt64
    /// What `LOCK` says to the process that comes second.
    package var holder: String
    /// Called while opening takes long, about each second, with a sentence for the log.
    package var progress: @Sendable (String) -> Void = { _ in }
    /// Called with a sentence for the log when something goes wrong beside the commits, or is well again.
    package var warning: @Sendable (String) -> Void = { _ in }
    /// Called on the writer's thread, in the order of the commits, with the rows of each batch that are new or changed something, when they are
    /// durable, visible and acknowledged. It must be quick: the next commit waits for it.
    package var committed: (@Sendable (CommittedRows) -> Void)?
    /// Called on the writer's thread with the nanoseconds that the one sync of a commit took; it must be quick.
    package var synced: (@Sendable (_ nanoseconds: Int64) -> Void)?
    /// Called between writing batches to the log and syncing them, with where they come from; for fault tests.
    package var beforeSync: (@Sendable (_ written: [BatchOrigin]) -> Void)?

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

/// How many files this process may have open.
private func openFileLimit() -> Int {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(clamping: limit.rlim_cur) : .max
}
