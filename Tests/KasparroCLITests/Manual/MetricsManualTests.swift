import Telemetry
import Testing

@testable import KasparroCLI

/// The METRICS section and the catalogue have the same names and labels.
@Suite struct MetricsManualTests {
    @Test func theManualHasExactlyTheMetrics() {
        var described: [String: Set<String>] = [:]
        for tag in ManualPage.kasparro.tags["METRICS"] ?? [] {
            for match in tag.matches(of: /([a-z][a-z0-9_]+)(?:\{([a-z_,]+)\})?/) {
                described[String(match.output.1)] = Set((match.output.2 ?? "").split(separator: ",").map(String.init))
            }
        }
        let metrics = Dictionary(uniqueKeysWithValues: MetricsCatalog.all.map { ($0.name, Set($0.labels.map(\.name))) })
        #expect(Set(metrics.keys).subtracting(described.keys) == [], "metrics that the manual lacks")
        #expect(Set(described.keys).subtracting(metrics.keys) == [], "metrics that there are not")
        for (name, labels) in metrics { #expect(described[name] == labels, "the labels of \(name)") }
    }
}
