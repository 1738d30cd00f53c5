import CoreMetrics
import HTTPAPI
import Telemetry
import TickerStore

/// The store, its disk and its copies.
enum StoreMetrics {
    static let all = [
        rows, bytes, segments, walBytes, superseded, readOnly, diskFree, diskFloor, quarantined, syncs, unclean, lastBackup,
    ]

    private static let rows = MetricDefinition("kasparro_store_rows", .gauge, "Live rows in the store.")
    private static let bytes = MetricDefinition("kasparro_store_bytes", .gauge, "Bytes of the store's data files.")
    private static let segments = MetricDefinition("kasparro_store_segments", .gauge, "Sealed segments of all families.")
    private static let walBytes = MetricDefinition("kasparro_store_wal_bytes", .gauge, "Bytes of the log files, reserved space included.")
    private static let superseded = MetricDefinition(
        "kasparro_store_superseded_rows",
        .gauge,
        "Rows in segments that newer ones have replaced."
    )
    private static let readOnly = MetricDefinition("kasparro_store_read_only", .gauge, "1 while the store takes no commits.")
    private static let diskFree = MetricDefinition(
        "kasparro_disk_free_bytes",
        .gauge,
        "Bytes free on the disk of the data directory."
    )
    private static let diskFloor = MetricDefinition(
        "kasparro_disk_free_floor_bytes",
        .gauge,
        "Bytes that must stay free on that disk; with less the store takes no commits."
    )
    private static let quarantined = MetricDefinition("kasparro_quarantined_records", .gauge, "Records in quarantine.")
    private static let syncs = MetricDefinition(
        "kasparro_wal_fsync_duration_seconds",
        .histogram,
        "Time that the disk took to make a commit durable, in seconds.",
        buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    )
    private static let unclean = MetricDefinition(
        "kasparro_unclean_shutdown",
        .gauge,
        "1 when the process before this one was killed or lost its power instead of being stopped."
    )
    private static let lastBackup = MetricDefinition(
        "kasparro_last_backup_timestamp_seconds",
        .gauge,
        "When kasparro backup made a copy of the store last; 0: never."
    )

    /// Takes the time of each sync; made before the store is opened.
    static func syncTimer(_ registry: PrometheusRegistry) -> @Sendable (_ nanoseconds: Int64) -> Void {
        registry.declare(syncs)
        let timer = registry.makeTimer(label: syncs.name, dimensions: [])
        return { timer.recordNanoseconds($0) }
    }

    static func refreshAtScrape(_ registry: PrometheusRegistry, store: Store, lastBackup: LastBackup) {
        registry.set(unclean, to: store.wasStoppedCleanly ? 0 : 1)
        registry.onScrape { registry in
            let counts = store.snapshot().counts
            registry.set(rows, to: Double(counts.rows))
            registry.set(quarantined, to: Double(counts.quarantined))
            let statistics = store.statistics
            registry.set(bytes, to: Double(statistics.bytes))
            registry.set(segments, to: Double(statistics.segments))
            registry.set(walBytes, to: Double(statistics.walBytes))
            registry.set(superseded, to: Double(statistics.supersededRows))
            registry.set(readOnly, to: statistics.refusal == nil ? 0 : 1)
            registry.set(diskFree, to: Double(statistics.freeBytes))
            registry.set(diskFloor, to: Double(statistics.minimumFree))
            registry.set(Self.lastBackup, to: Double(lastBackup.milliseconds ?? 0) / 1_000)
        }
    }
}
