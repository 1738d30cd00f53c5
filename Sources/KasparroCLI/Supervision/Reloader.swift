import Glibc
import HTTPAPI
import Ingest
import Logging
import MarketData
import Synchronization
import Telemetry
import TickerStore

/// Reads the configuration again while the server runs, and takes what may change into force: all of it, or, when something is wrong with it, nothing.
///
/// A run that goes on keeps its sources as they were when it began; only quotas count at once.
final class Reloader: Sendable {
    /// What has been read and is good, and not yet in force.
    private struct Reading {
        var configuration: Configuration
        var catalog: SourceCatalog
        var alerts: AlertConfiguration
        var values: [ConfiguredValue]
        var secrets: Secrets
        var credentials: CredentialFiles.State
        var logLevel: Logger.Level
        var retention: Retention
        var minimumFree: Int?
        var everyMilliseconds: Int64
        var isScheduled: Bool
        var crossOrigin: CrossOrigin
        var logsAccess: Bool
    }

    /// What is in force, to see what a new one changes.
    private struct InForce {
        var values: [ConfiguredValue]
        var secrets: Secrets
    }

    private let configuration: Configuration
    private let parts: Composition
    private let scheduler: Scheduler
    private let credentials: CredentialFiles
    private let answers: AnswerOptions
    private let inForce: Mutex<InForce>

    /// - Parameter configuration: the one that the server was started with.
    init(
        _ configuration: Configuration,
        _ parts: Composition,
        scheduler: Scheduler,
        credentials: CredentialFiles,
        answers: AnswerOptions
    ) throws(CommandFailure) {
        self.configuration = configuration
        self.parts = parts
        self.scheduler = scheduler
        self.credentials = credentials
        self.answers = answers
        let catalog = configuration.catalog(dataDirectory: parts.dataDirectory)
        inForce = Mutex(InForce(values: try configuration.effectiveValues(of: catalog), secrets: parts.redaction.secrets))
    }

    /// Blocks while files are read. One at a time.
    ///
    /// - Returns: false when the new configuration was refused.
    func reload() -> Bool {
        do {
            let reading = try read()
            let changes = inForce.withLock { use(reading, &$0) }
            note(isTaken: true)
            for problem in reading.alerts.problems + reading.catalog.problems { parts.logger.warning("\(problem)", metadata: LogFields.toldOnce) }
            let what = reading.configuration.file.map { "reloaded \($0.path)" } ?? "reloaded the credentials; there is no configuration file"
            parts.logger.notice("\(what): \(changes.text)")
            return true
        } catch {
            note(isTaken: false)
            let message = (error as? CommandFailure)?.message ?? "\(error)"
            for line in message.split(separator: "\n") { parts.logger.error("\(line)", metadata: LogFields.toldOnce) }
            parts.logger.error("the configuration was not reloaded; what was there before stays in force")
            return false
        }
    }

    private func note(isTaken: Bool) {
        ProgramMetrics.configurationReloaded(in: parts.registry, isTaken: isTaken, at: Timestamp(milliseconds: currentMilliseconds()))
    }

    private func read() throws -> Reading {
        let new = try configuration.again()
        let catalog = try new.usableCatalog(dataDirectory: parts.dataDirectory)
        let alerts = new.alerts()
        var secrets = Composition.secrets(catalog, new.environment)
        secrets.add(alerts.secrets)
        return Reading(
            configuration: new,
            catalog: catalog,
            alerts: alerts,
            values: try new.effectiveValues(of: catalog),
            secrets: secrets,
            credentials: try credentials.reread(new),
            logLevel: try Settings.logLevel.resolve(new),
            retention: try Retention(new),
            minimumFree: try Settings.minimumFree.resolve(new),
            everyMilliseconds: try Settings.every.resolve(new),
            isScheduled: try !Settings.noSchedule.resolve(new),
            crossOrigin: try Settings.corsOrigin.resolve(new),
            logsAccess: try Settings.accessLog.resolve(new)
        )
    }

    /// Nothing here can fail.
    private func use(_ reading: Reading, _ inForce: inout InForce) -> ConfigurationChanges {
        var changes = ConfigurationChanges(from: inForce.values, to: reading.values)
        if inForce.secrets != reading.secrets { changes.applied.append("secrets") }
        if credentials.use(reading.credentials) { changes.applied.append("credentials") }
        parts.logLevel.level = reading.logLevel
        // A run that goes on has those from before, however often they have changed since.
        var redacted = parts.redaction.secrets
        redacted.add(reading.secrets)
        parts.redaction.secrets = redacted
        parts.store.keep(reading.retention, minimumFree: reading.minimumFree)
        parts.runs.use(reading.catalog.sources, retainRowsMilliseconds: reading.retention.rows, secrets: reading.secrets)
        scheduler.change(everyMilliseconds: reading.everyMilliseconds, isEnabled: reading.isScheduled)
        MetricsCatalog.seed(parts.registry, sources: parts.runs.sources())
        parts.alerts?.change(to: reading.alerts.settings, sources: reading.catalog.sources.map(\.name), secrets: reading.secrets)
        answers.change(crossOrigin: reading.crossOrigin, logsAccess: reading.logsAccess)
        inForce.secrets = reading.secrets
        // What needs a restart is told again until there was one.
        let old = Dictionary(inForce.values.map { ($0.path, $0) }) { first, _ in first }
        inForce.values = reading.values.map { changes.needRestart.contains($0.path) ? old[$0.path] ?? $0 : $0 }
        return changes
    }
}
