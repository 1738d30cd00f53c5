import Telemetry
import Testing

@testable import KasparroCLI

/// Dashboard and rules on the one side, the program's metrics on the other.
@Suite struct MonitoringNamesTests {
    /// What Prometheus itself adds to a target.
    private static let added = ["up"]
    /// Metrics that neither shows, and why.
    private static let unused: [String: String] = [:]

    private static let expressions =
        GrafanaDashboard.own.expressions.map { ("dashboard, \($0.place)", $0.text) } + MonitoringFiles.rules.map { ($0.name, $0.expression) }
    private static let records = MonitoringFiles.rules.filter { $0.kind == "record" }.map(\.name)

    /// The names that a metric's series have.
    private static func series(_ metric: MetricDefinition) -> [String] {
        metric.type == .histogram ? ["_bucket", "_count", "_sum"].map { metric.name + $0 } : [metric.name]
    }

    @Test func everyNameThatIsAskedForIsOneOfTheProgram() throws {
        let known = Set(Self.added + Self.records + MetricsCatalog.all.flatMap(Self.series))
        for (place, text) in Self.expressions {
            for selector in try PromQL(text).selectors { #expect(known.contains(selector.name), "\(place): \(selector.name)") }
        }
    }

    @Test func everyMetricIsShownOrAlertedOn() throws {
        let asked = Set(try Self.expressions.flatMap { try PromQL($0.1).selectors.map(\.name) })
        let idle = MetricsCatalog.all.filter { asked.isDisjoint(with: Self.series($0)) }.map(\.name)
        #expect(Set(idle) == Set(Self.unused.keys))
    }

    /// Labels that are selected and summed by are those of the metric.
    @Test func everyLabelThatIsSelectedIsOneOfTheMetric() throws {
        let labels = Dictionary(
            uniqueKeysWithValues: MetricsCatalog.all.flatMap { metric in Self.series(metric).map { ($0, metric.labels.map(\.name)) } }
        )
        for (place, text) in Self.expressions {
            for selector in try PromQL(text).selectors {
                guard let own = labels[selector.name] else { continue }
                let known = Set(own + ["job", "instance", "le"])
                let used = selector.matchers.map(\.label) + selector.calls.flatMap { $0.by ?? [] }
                #expect(known.isSuperset(of: used), "\(place): \(selector.name) has no \(used.filter { !known.contains($0) })")
            }
        }
    }
}
