import Ingest
import MarketData
import Telemetry

/// How fresh each source is, and when it is loaded. Times are 0 while there is none.
enum SourceMetrics {
    static let all = [lastSuccess, lastAttempt, newestData, watermark, interval, failures, nextTick, isStalled]

    private static func gauge(_ name: String, _ help: String) -> MetricDefinition {
        MetricDefinition(name, .gauge, help, labels: [MetricsCatalog.source])
    }

    private static let lastSuccess = gauge(
        "kasparro_source_last_success_timestamp_seconds",
        "When the newest attempt at a source ended that did not fail, one with nothing to do included; 0: none yet."
    )
    private static let lastAttempt = gauge(
        "kasparro_source_last_attempt_timestamp_seconds",
        "When a source was attempted last; 0: never."
    )
    private static let newestData = gauge(
        "kasparro_source_newest_data_timestamp_seconds",
        "The source's own time of the newest row of it that is stored; 0: there is none."
    )
    private static let watermark = gauge(
        "kasparro_source_watermark_timestamp_seconds",
        "Up to which of its own times a source is stored without a gap: its newest row when its last attempt succeeded; 0: not known."
    )
    private static let interval = gauge(
        "kasparro_source_interval_seconds",
        "How often a source is due; 0: only when somebody asks."
    )
    private static let failures = gauge(
        "kasparro_source_consecutive_failures",
        "Attempts at a source that have failed since the last one that did not."
    )
    private static let nextTick = MetricDefinition(
        "kasparro_scheduler_next_tick_timestamp_seconds",
        .gauge,
        "When sources are loaded next; in the past while that waits. 0: there is no schedule."
    )
    private static let isStalled = MetricDefinition(
        "kasparro_scheduler_stalled",
        .gauge,
        "1 while sources are due for more than two minutes and no run goes on."
    )

    static func refreshAtScrape(_ registry: PrometheusRegistry, runs: RunService) {
        registry.onScrape { registry in
            for source in runs.freshness() {
                let label = [("source", source.name)]
                registry.set(lastSuccess, label, to: seconds(source.lastSuccess))
                registry.set(lastAttempt, label, to: seconds(source.lastAttempt))
                registry.set(newestData, label, to: seconds(source.newestData))
                registry.set(watermark, label, to: seconds(source.watermark))
                registry.set(failures, label, to: Double(source.consecutiveFailures))
            }
        }
    }

    static func refreshAtScrape(_ registry: PrometheusRegistry, schedule: @escaping @Sendable () -> ScheduleStatus) {
        registry.onScrape { registry in
            let schedule = schedule()
            registry.set(isStalled, to: schedule.state == .stalled ? 1 : 0)
            registry.set(nextTick, to: seconds(schedule.nextTick))
            for source in schedule.sources {
                let isDue = schedule.state != .disabled
                registry.set(interval, [("source", source.name)], to: isDue ? Double(source.everyMilliseconds) / 1_000 : 0)
            }
        }
    }

    private static func seconds(_ time: Timestamp?) -> Double { time.map { Double($0.milliseconds) / 1_000 } ?? 0 }
}
