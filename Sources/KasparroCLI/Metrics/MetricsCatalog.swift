import HTTPAPI
import Ingest
import Telemetry

/// Every metric the program has. All series whose labels are known exist at 0 from the start (spec section 10).
///
/// This list is what the manual's METRICS section and the tests of dashboard and rules are compared with: it needs no server.
enum MetricsCatalog {
    /// By name.
    static let all: [MetricDefinition] = {
        let counted = RunMetrics.all + UpstreamMetrics.all + SourceMetrics.all + StoreMetrics.all + MemoryMetrics.all + ProgramMetrics.all
        let clients = ConnectionMetrics.all + [RequestDurations.metric, RefusalCounters.metric, Authenticator.failures]
        let process = PrometheusRegistry.processMetrics + [PrometheusRegistry.buildInfo] + LogSink.metrics
        return (counted + clients + process).sorted { $0.name < $1.name }
    }()

    /// The label of metrics that each source has.
    static let source = MetricLabel("source", .given("source"))
    /// The label of metrics that sources have that send requests.
    static let upstream = MetricLabel("source", .given("upstream"))
    /// The label of metrics that sources have whose requests of a month are counted.
    static let budgeted = MetricLabel("source", .given("budgeted"))

    static func declare(in registry: PrometheusRegistry, sources: [SourceStatus]) {
        registry.registerProcessMetrics()
        registry.registerBuildInfo(version: BuildInformation.version)
        seed(registry, sources: sources)
        registry.set(ProgramMetrics.reloadSuccessful, to: 1)
    }

    /// Makes the series of these sources exist; others, that were there before, stay as they are.
    static func seed(_ registry: PrometheusRegistry, sources: [SourceStatus]) {
        let given = [
            "source": sources.map(\.name), "upstream": sources.filter { $0.quotaPerMinute != nil }.map(\.name),
            "budgeted": sources.filter { $0.limits?.monthBudget != nil }.map(\.name),
        ]
        let present = Set((PrometheusRegistry.processMetrics + [PrometheusRegistry.buildInfo]).map(\.name))
        for metric in all where !present.contains(metric.name) { registry.declare(metric, given: given) }
    }
}
