import MarketData
import Telemetry
import TestSupport
import Testing

@testable import Ingest
@testable import KasparroCLI

@Suite struct MetricsCatalogTests {
    private static let sources = [
        SourceStatus(name: "files", kind: "csv", detail: ""),
        SourceStatus(
            name: "api",
            kind: "http",
            quotaPerMinute: 10,
            tokensRemaining: 10,
            detail: "",
            limits: SourceLimits(effectivePerMinute: 10, monthUsed: 0, monthBudget: 100, circuit: "closed", throttleEvents: 0)
        ),
    ]

    private func scrape(_ sources: [SourceStatus] = Self.sources) -> ExpositionCheck {
        let registry = PrometheusRegistry(onMisuse: { metric, message in Issue.record("\(metric): \(message)") })
        MetricsCatalog.declare(in: registry, sources: sources)
        return ExpositionCheck(registry.render())
    }

    @Test func everyMetricIsToldOnceAndInWords() {
        #expect(Set(MetricsCatalog.all.map(\.name)).count == MetricsCatalog.all.count)
        for metric in MetricsCatalog.all {
            #expect(metric.help.hasSuffix(".") && metric.help.count > 20 && !metric.help.contains("\n"), "\(metric.name): \(metric.help)")
            #expect(metric.type == .histogram || metric.buckets.isEmpty, "\(metric.name)")
        }
    }

    @Test func whatIsDeclaredIsAGoodScrape() {
        let check = scrape()
        #expect(check.faults.isEmpty, "\(check.faults)")
        // Requests are counted by whoever answers them; see the tests of the binary.
        let missing = MetricsCatalog.all.map(\.name).filter { check.text[$0] == nil }
        #expect(missing == ["http_request_duration_seconds"])
    }

    @Test func everyKnownSeriesIsThereFromTheStart() {
        let text = scrape().text
        for series in [
            ["type": "tls", "source": "files"], ["type": "interrupted", "source": "api"],
        ] { #expect(text.value("etl_errors_total", series) == 0) }
        #expect(text["kasparro_run_rows_total"]?.samples.count == 8)
        #expect(text["kasparro_schema_mappings_total"]?.samples.count == 4)
        #expect(text["throttle_events_total"]?.samples.map { $0["source"] } == ["api"])
        #expect(text["outlier_detected_total"]?.samples.allSatisfy { $0["symbol"] == "_other" } == true)
        #expect(text.value("kasparro_config_last_reload_successful") == 1 && text.value("kasparro_config_last_reload_timestamp_seconds") == 0)
        #expect(text.value("kasparro_wal_fsync_duration_seconds_count") == 0)
    }

    @Test func bucketsAreAnInterface() {
        func bounds(_ name: String) -> [Double]? { MetricsCatalog.all.first { $0.name == name }?.buckets }
        #expect(bounds("retry_latency_seconds") == [1, 5, 15, 30, 60, 120, 300, 600, 1_800])
        #expect(bounds("etl_latency_seconds").map { ($0.first, $0.last) }! == (0.01, 300))
        #expect(bounds("http_request_duration_seconds").map { ($0.first, $0.last) }! == (0.001, 10))
    }

    @Test func aReloadIsToldOf() {
        let registry = PrometheusRegistry()
        MetricsCatalog.declare(in: registry, sources: Self.sources)
        ProgramMetrics.configurationReloaded(in: registry, isTaken: false, at: .init(milliseconds: 1_500))
        let text = ExpositionCheck(registry.render()).text
        #expect(text.value("kasparro_config_last_reload_successful") == 0 && text.value("kasparro_config_last_reload_timestamp_seconds") == 1.5)
    }

    /// An alert on a source that is gone would never end.
    @Test func gaugesOfSourcesThatAreGoneGo() {
        let registry = PrometheusRegistry()
        MetricsCatalog.declare(in: registry, sources: Self.sources)
        MetricsCatalog.seed(registry, sources: [Self.sources[0]])
        let text = ExpositionCheck(registry.render()).text
        #expect(text["kasparro_source_interval_seconds"]?.samples.map { $0["source"] } == ["files"])
        #expect(text["etl_rows_processed_total"]?.samples.count == 2, "counters never go")
        #expect(text["tokens_remaining"] == nil)
    }
}
