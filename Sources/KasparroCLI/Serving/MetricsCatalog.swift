import HTTPAPI
import Ingest
import MarketData
import Telemetry
import TickerStore

/// Every metric the program has, with its help text; those whose labels are known exist at 0 from the start (spec section 10).
enum MetricsCatalog {
    private static let latencyBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300]

    static func declare(in registry: PrometheusRegistry, sources: [SourceStatus]) {
        registry.registerProcessMetrics()
        registry.registerBuildInfo(version: BuildInformation.version)
        registry.declare(IngestMetrics.rowsName, help: "Records read, by source.", type: .counter)
        registry.declare(IngestMetrics.errorsName, help: "Errors of runs, by source and type.", type: .counter)
        registry.declare(IngestMetrics.latencyName, help: "Duration of a stage of a run.", type: .histogram, buckets: latencyBuckets)
        registry.declare(IngestMetrics.throttleName, help: "Times a request waited for quota, by source.", type: .counter)
        registry.declare(IngestMetrics.retryLatencyName, help: "Time waited before a request, by source.", type: .histogram, buckets: latencyBuckets)
        registry.declare(
            IngestMetrics.quotaName,
            help: "Requests that are sent to a source in a minute at most; fewer while it throttles.",
            type: .gauge
        )
        registry.declare(IngestMetrics.tokensName, help: "Requests left of the quota now.", type: .gauge)
        registry.declare(IngestMetrics.limiterRatioName, help: "Requests in a minute that are sent at most, by the configured quota.", type: .gauge)
        registry.declare(IngestMetrics.monthBudgetName, help: "Requests left of a source's budget for this month, UTC.", type: .gauge)
        registry.declare(IngestMetrics.responsesName, help: "Answers of sources by status code; error when there was none.", type: .counter)
        registry.declare(
            "kasparro_scheduler_next_tick_timestamp_seconds",
            help: "When sources are loaded next; in the past while that waits. Without a schedule there is none.",
            type: .gauge
        )
        registry.declare("kasparro_scheduler_stalled", help: "1 while sources are due for more than two minutes and no run goes on.", type: .gauge)
        registry.declare(
            IngestMetrics.outliersName,
            help: "Values that do not fit their series, by field, type of test and symbol; symbols beyond the first 100 are _other.",
            type: .counter
        )
        registry.declare("kasparro_run_in_progress", help: "1 while a run goes on.", type: .gauge)
        registry.declare("kasparro_store_rows", help: "Live rows in the store.", type: .gauge)
        registry.declare("kasparro_store_bytes", help: "Bytes of the store's data files.", type: .gauge)
        registry.declare("kasparro_store_segments", help: "Sealed segments of all families.", type: .gauge)
        registry.declare("kasparro_store_wal_bytes", help: "Bytes of the log files, reserved space included.", type: .gauge)
        registry.declare("kasparro_store_superseded_rows", help: "Rows in segments that newer ones have replaced.", type: .gauge)
        registry.declare("kasparro_store_read_only", help: "1 while the store takes no commits.", type: .gauge)
        registry.declare("kasparro_disk_free_bytes", help: "Bytes free on the disk of the data directory.", type: .gauge)
        registry.declare("kasparro_quarantined_records", help: "Records in quarantine.", type: .gauge)
        registry.declare(IngestMetrics.alertsName, help: "Alerts and heartbeats that were sent, or tried to, by channel and outcome.", type: .counter)
        for channel in AlertChannel.allCases {
            for outcome in IngestMetrics.alertOutcomes {
                registry.seed(IngestMetrics.alertsName, [("channel", channel.rawValue), ("outcome", outcome)])
            }
        }
        declareAccess(in: registry)
        for stage in IngestMetrics.Stage.allCases { registry.seed(IngestMetrics.latencyName, [("stage", stage.rawValue)]) }
        for field in OutlierField.allCases {
            for type in OutlierType.allCases {
                registry.seed(
                    IngestMetrics.outliersName,
                    [("field", field.name), ("type", type.rawValue), ("symbol", IngestMetrics.otherSymbol)]
                )
            }
        }
        for source in sources {
            registry.seed(IngestMetrics.rowsName, [("source", source.name)])
            for type in RunRecord.ErrorType.allCases { registry.seed(IngestMetrics.errorsName, [("source", source.name), ("type", type.rawValue)]) }
            guard source.quotaPerMinute != nil else { continue }
            registry.seed(IngestMetrics.throttleName, [("source", source.name)])
            registry.seed(IngestMetrics.retryLatencyName, [("source", source.name)])
            for code in IngestMetrics.usualCodes { registry.seed(IngestMetrics.responsesName, [("source", source.name), ("code", code)]) }
        }
    }

    /// What clients were refused.
    private static func declareAccess(in registry: PrometheusRegistry) {
        registry.declare(Authenticator.failuresName, help: "Requests without a right token where one is needed, by reason.", type: .counter)
        for reason in Authenticator.failureReasons { registry.seed(Authenticator.failuresName, [("reason", reason)]) }
        registry.declare(
            RefusalCounters.name,
            help: "Requests and connections that were refused or cut off before any route answered, by the code of the problem.",
            type: .counter
        )
        for code in RefusalCounters.codes { registry.seed(RefusalCounters.name, [("code", code)]) }
    }

    /// The scheduler's gauges.
    static func refreshAtScrape(_ registry: PrometheusRegistry, schedule: @escaping @Sendable () -> ScheduleStatus) {
        registry.onScrape { registry in
            let schedule = schedule()
            registry.setGauge("kasparro_scheduler_stalled", to: schedule.state == .stalled ? 1 : 0)
            guard let next = schedule.nextTick else { return }
            registry.setGauge("kasparro_scheduler_next_tick_timestamp_seconds", to: Double(next.milliseconds) / 1_000)
        }
    }

    /// Gauges are read when somebody asks.
    static func refreshAtScrape(_ registry: PrometheusRegistry, store: Store, runs: RunService) {
        registry.onScrape { registry in
            for source in runs.sources() {
                guard let quota = source.quotaPerMinute, let tokens = source.tokensRemaining, let limits = source.limits else { continue }
                let label = [("source", source.name)]
                registry.setGauge(IngestMetrics.quotaName, label, to: Double(limits.effectivePerMinute))
                registry.setGauge(IngestMetrics.tokensName, label, to: Double(tokens))
                registry.setGauge(IngestMetrics.limiterRatioName, label, to: Double(limits.effectivePerMinute) / Double(quota))
                guard let budget = limits.monthBudget else { continue }
                registry.setGauge(IngestMetrics.monthBudgetName, label, to: Double(max(0, budget - limits.monthUsed)))
            }
            let counts = store.snapshot().counts
            registry.setGauge("kasparro_store_rows", to: Double(counts.rows))
            registry.setGauge("kasparro_quarantined_records", to: Double(counts.quarantined))
            let statistics = store.statistics
            registry.setGauge("kasparro_store_bytes", to: Double(statistics.bytes))
            registry.setGauge("kasparro_store_segments", to: Double(statistics.segments))
            registry.setGauge("kasparro_store_wal_bytes", to: Double(statistics.walBytes))
            registry.setGauge("kasparro_store_superseded_rows", to: Double(statistics.supersededRows))
            registry.setGauge("kasparro_store_read_only", to: statistics.refusal == nil ? 0 : 1)
            registry.setGauge("kasparro_disk_free_bytes", to: Double(statistics.freeBytes))
            registry.setGauge("kasparro_run_in_progress", to: runs.statistics().runInProgress == nil ? 0 : 1)
        }
    }
}
