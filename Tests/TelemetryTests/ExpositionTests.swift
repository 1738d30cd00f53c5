import CoreMetrics
import Synchronization
import Testing

@testable import Telemetry

@Suite struct ExpositionTests {
    private func text(_ registry: PrometheusRegistry) -> String { String(decoding: registry.render(), as: UTF8.self) }

    @Test func aWholeRegistryIsRenderedInOrder() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        registry.declare("zebra_total", help: "Striped \\ animals\nseen.", type: .counter)
        registry.declare(
            "etl_latency_seconds",
            help: "Time per stage.",
            type: .histogram,
            buckets: [0.5, 0.1, .infinity]
        )
        registry.declare("tokens_remaining", help: "Tokens left.", type: .gauge)
        registry.seed("zebra_total", [("source", "csv")])
        registry.makeCounter(label: "zebra_total", dimensions: [("source", "a\\b\"c\nd"), ("kind", "x")]).increment(
            by: 3
        )
        registry.makeMeter(label: "tokens_remaining", dimensions: []).set(2.5)
        let timer = registry.makeTimer(label: "etl_latency_seconds", dimensions: [("stage", "load")])
        timer.recordNanoseconds(100_000_000)
        timer.recordNanoseconds(300_000_000)
        timer.recordNanoseconds(2_000_000_000)
        #expect(
            text(registry) == #"""
                # HELP etl_latency_seconds Time per stage.
                # TYPE etl_latency_seconds histogram
                etl_latency_seconds_bucket{stage="load",le="0.1"} 1
                etl_latency_seconds_bucket{stage="load",le="0.5"} 2
                etl_latency_seconds_bucket{stage="load",le="+Inf"} 3
                etl_latency_seconds_sum{stage="load"} 2.4
                etl_latency_seconds_count{stage="load"} 3
                # HELP tokens_remaining Tokens left.
                # TYPE tokens_remaining gauge
                tokens_remaining 2.5
                # HELP zebra_total Striped \\ animals\nseen.
                # TYPE zebra_total counter
                zebra_total{kind="x",source="a\\b\"c\nd"} 3
                zebra_total{source="csv"} 0

                """#
        )
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1, "1"), (-42, "-42"), (0.1, "0.1"), (1e-7, "1e-07"), (1e300, "1e+300"),
        (9_007_199_254_740_991, "9007199254740991"), (1.5e9, "1500000000"), (.infinity, "+Inf"),
        (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func valuesAreWrittenForGo(_ value: Double, _ expected: String) {
        var bytes: [UInt8] = []
        SampleValue.append(value, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func theSameLabelsInAnotherOrderAreTheSameSeries() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        registry.makeCounter(label: "a_total", dimensions: [("x", "1"), ("y", "2")]).increment(by: 1)
        registry.makeCounter(label: "a_total", dimensions: [("y", "2"), ("x", "1")]).increment(by: 1)
        #expect(text(registry) == "# TYPE a_total counter\na_total{x=\"1\",y=\"2\"} 2\n")
    }

    @Test func aTypeConflictCountsNothingAndIsToldOnce() {
        let told = Mutex<[String]>([])
        let registry = PrometheusRegistry(onMisuse: { metric, _ in told.withLock { $0.append(metric) } })
        registry.makeCounter(label: "mixed", dimensions: []).increment(by: 1)
        for _ in 0..<3 {
            registry.makeMeter(label: "mixed", dimensions: []).set(7.0)
            registry.makeRecorder(label: "mixed", dimensions: [], aggregate: true).record(7.0)
        }
        #expect(text(registry) == "# TYPE mixed counter\nmixed 1\n")
        #expect(told.withLock { $0 } == ["mixed"])
    }

    @Test func illegalNamesAreMadeLegal() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        registry.makeCounter(label: "9 lives-total", dimensions: [("le", "a"), ("__b", "c"), ("b", "d"), ("é", "f")])
            .increment(by: 1)
        #expect(
            text(registry)
                == "# TYPE _9_lives_total counter\n_9_lives_total{_=\"f\",_b=\"c\",b=\"d\",le_=\"a\"} 1\n"
        )
    }

    @Test func negativeAndUnreadableAmountsDoNotMoveACounter() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        let counter = registry.makeFloatingPointCounter(label: "a_total", dimensions: [])
        for amount in [-1, .nan, .infinity, 0.25] { counter.increment(by: amount) }
        #expect(text(registry).hasSuffix("a_total 0.25\n"))
    }

    @Test func anUnreadableObservationDoesNotSpoilTheSum() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        registry.declare("size_bytes", help: "", type: .histogram, buckets: [10])
        let recorder = registry.makeRecorder(label: "size_bytes", dimensions: [], aggregate: true)
        for value in [.nan, .infinity, 3, 10, 11] { recorder.record(value) }
        #expect(text(registry).hasSuffix("size_bytes_sum 24\nsize_bytes_count 3\n"))
        #expect(text(registry).contains("size_bytes_bucket{le=\"10\"} 2\n"))
    }

    @Test func hooksRunBeforeEachScrape() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        let scrapes = Mutex(0)
        registry.onScrape { registry in
            registry.setGauge(
                "scrapes",
                to: Double(
                    scrapes.withLock {
                        $0 += 1; return $0
                    }
                )
            )
        }
        _ = registry.render()
        #expect(text(registry).hasSuffix("scrapes 2\n"))
    }

    @Test func familiesWithoutSeriesAreLeftOut() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        registry.declare("nothing_total", help: "None yet.", type: .counter)
        #expect(text(registry) == "")
    }

    @Test func theBuildIsNamed() {
        let registry = PrometheusRegistry(onMisuse: { _, _ in })
        registry.registerBuildInfo(version: "1.0", swift: "6.3")
        #expect(text(registry).hasSuffix("kasparro_build_info{swift=\"6.3\",version=\"1.0\"} 1\n"))
    }
}
