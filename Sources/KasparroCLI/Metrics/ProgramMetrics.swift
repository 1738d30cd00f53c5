import Ingest
import MarketData
import Telemetry

/// Alerts and the configuration.
enum ProgramMetrics {
    static let all = [alerts, reloadSuccessful, reloadTime]

    private static let alerts = MetricDefinition(
        IngestMetrics.alertsName,
        .counter,
        "Alerts and heartbeats that were sent, or tried to, by channel and outcome.",
        labels: [
            MetricLabel("channel", .known(AlertChannel.allCases.map(\.rawValue))), MetricLabel("outcome", .known(IngestMetrics.alertOutcomes)),
        ]
    )
    static let reloadSuccessful = MetricDefinition(
        "kasparro_config_last_reload_successful",
        .gauge,
        "1 unless the configuration was refused when it was reloaded last; the one before is then still in force."
    )
    private static let reloadTime = MetricDefinition(
        "kasparro_config_last_reload_timestamp_seconds",
        .gauge,
        "When the configuration was reloaded last, taken or refused; 0: not since the start."
    )

    /// The configuration was reloaded.
    ///
    /// - Parameters:
    ///   - isTaken: false: it was refused.
    ///   - time: the wall clock.
    static func configurationReloaded(in registry: PrometheusRegistry, isTaken: Bool, at time: Timestamp) {
        registry.set(reloadSuccessful, to: isTaken ? 1 : 0)
        registry.set(reloadTime, to: Double(time.milliseconds) / 1_000)
    }
}
