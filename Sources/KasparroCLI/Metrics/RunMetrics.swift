import Ingest
import Telemetry

/// What runs do; counted where they do it.
enum RunMetrics {
    static let all = [rows, errors, latency, outliers, runs, runRows, mappings, inProgress]

    private static let rows = MetricDefinition(
        IngestMetrics.rowsName,
        .counter,
        "Records read, by source.",
        labels: [MetricsCatalog.source]
    )
    private static let errors = MetricDefinition(
        IngestMetrics.errorsName,
        .counter,
        "Errors of runs, by source and type.",
        labels: [MetricsCatalog.source, MetricLabel("type", .known(RunRecord.ErrorType.allCases.map(\.rawValue)))]
    )
    private static let latency = MetricDefinition(
        IngestMetrics.latencyName,
        .histogram,
        "Duration of a stage of a run in seconds: one request (extract), one file or page (transform), one batch until it is durable (load).",
        labels: [MetricLabel("stage", .known(IngestMetrics.Stage.allCases.map(\.rawValue)))],
        buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
    )
    private static let outliers = MetricDefinition(
        IngestMetrics.outliersName,
        .counter,
        "Values that do not fit their series, by field, type of test and symbol; symbols beyond the first 100 are _other.",
        labels: [
            MetricLabel("field", .known(OutlierField.allCases.map(\.name))), MetricLabel("type", .known(OutlierType.allCases.map(\.rawValue))),
            MetricLabel("symbol", .open(atMost: IngestMetrics.namedSymbols + 1, first: [IngestMetrics.otherSymbol])),
        ]
    )
    private static let runs = MetricDefinition(
        IngestMetrics.runsName,
        .counter,
        "Runs over sources that ended in this process, by status.",
        labels: [MetricLabel("status", .known(IngestMetrics.runStatuses))]
    )
    private static let runRows = MetricDefinition(
        IngestMetrics.runRowsName,
        .counter,
        "Records by what became of them; skipped ones were stored before, or not read because their file or page has not changed.",
        labels: [MetricsCatalog.source, MetricLabel("outcome", .known(IngestMetrics.RowOutcome.allCases.map(\.rawValue)))]
    )
    private static let mappings = MetricDefinition(
        IngestMetrics.schemaMappingsName,
        .counter,
        "Fields of a new shape that nobody declared or approved: mapped (applied), or left for a person to judge (quarantined).",
        labels: [MetricsCatalog.source, MetricLabel("decision", .known(IngestMetrics.MappingFate.allCases.map(\.rawValue)))]
    )
    private static let inProgress = MetricDefinition("kasparro_run_in_progress", .gauge, "1 while a run goes on.")

    static func refreshAtScrape(_ registry: PrometheusRegistry, runs: RunService) {
        registry.onScrape { $0.set(inProgress, to: runs.isRunning ? 1 : 0) }
    }
}
