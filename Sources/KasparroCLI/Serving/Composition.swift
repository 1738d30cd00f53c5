import CoreMetrics
import HTTPAPI
import Ingest
import Logging
import Telemetry
import TickerStore

/// The parts that every command with a data directory needs, made in dependency order: metrics, log, store, runs.
struct Composition {
    let dataDirectory: String
    let registry: PrometheusRegistry
    let logger: Logger
    let logLevel: LogLevelSwitch
    let redaction: Redaction
    let store: Store
    /// The rows that were committed last.
    let feed: CommitFeed
    let runs: RunService
    /// nil: alerts are off.
    let alerts: AlertService?
    /// When the store was copied last.
    let lastBackup: LastBackup
    /// The log of the process.
    let log: LogSink
    /// Where alerts go, in words.
    let alertsInWords: String
    let fileSystem: any FileSystem
    /// What is made to go wrong; nil in ordinary use.
    let fault: FaultPoint?

    /// - Parameters:
    ///   - configuration: what was typed, the environment and the file.
    ///   - keepsEverything: whether nothing is too old, as far as this process goes.
    ///   - holder: what `LOCK` says about this process.
    ///   - mayReload: whether alerts may be switched on later.
    ///   - screen: a terminal that shows something else below the log.
    init(
        _ configuration: Configuration,
        keepsEverything: Bool = false,
        holder: String,
        screen: TerminalScreen? = nil,
        mayReload: Bool = false
    ) throws {
        dataDirectory = try Settings.dataDirectory.resolve(configuration)
        let level = try Settings.logLevel.resolve(configuration)
        let format = try Settings.logFormat.resolve(configuration)
        fault = try configuration.fault()
        let catalog = try configuration.usableCatalog(dataDirectory: dataDirectory)
        let alertConfiguration = configuration.alerts()
        alertsInWords = alertConfiguration.settings.inWords
        var secrets = Self.secrets(catalog, configuration.environment)
        secrets.add(alertConfiguration.secrets)
        let registry = PrometheusRegistry()
        let shared = Redaction(secrets)
        redaction = shared
        let redaction: @Sendable ([UInt8]) -> [UInt8] = { shared.redacted($0) }
        let sink =
            screen.map { screen in LogSink(isTerminal: screen.isColored, registry: registry, redaction: redaction) { screen.put($0) } }
            ?? LogSink(registry: registry, redaction: redaction)
        log = sink
        let logLevel = LogLevelSwitch(level)
        self.logLevel = logLevel
        LoggingSystem.bootstrap { label in logLevel.handler(format.handler(label: label, level: .trace, sink: sink)) }
        MetricsSystem.bootstrap(registry)
        self.registry = registry
        let logger = Logger(label: "kasparro")
        self.logger = logger
        fileSystem = PosixFileSystem()
        for problem in alertConfiguration.problems + catalog.problems { logger.warning("\(problem)", metadata: LogFields.toldOnce) }
        let feed = CommitFeed()
        self.feed = feed
        var storeOptions = try Self.storeOptions(configuration, keepsEverything: keepsEverything, holder: holder, logger, feed, registry)
        let faultSwitch = fault.map { FaultSwitch($0) }
        if let faultSwitch {
            logger.warning(
                "KASPARRO_FAULT=\(faultSwitch.point): this process is made to fail, for demonstrations and tests; unset it for ordinary use"
            )
            storeOptions.beforeSync = { written in faultSwitch.batchesAreWritten(written.map(\.number)) }
        }
        do throws(StoreError) {
            try StoreOwner.refuseRoot(dataDirectory)
            store = try Store(path: dataDirectory, fileSystem: fileSystem, options: storeOptions)
            feed.begin(behind: store.statistics.lastRowsLSN, history: store.history)
            lastBackup = LastBackup(store.openingState)
            for note in store.openingNotes { logger.warning("\(note)", metadata: LogFields.toldOnce) }
            var ingest = IngestEnvironment(fileSystem: fileSystem, logger: logger)
            ingest.retainRowsMilliseconds = storeOptions.retention.rows
            ingest.retentionTime = { [store] in store.statistics.retentionTime }
            ingest.secrets = secrets
            ingest.dataDirectory = dataDirectory
            ingest.fault = faultSwitch
            ingest.existsSince = BuildInformation.existsSince
            alerts =
                alertConfiguration.settings.isOff && !mayReload
                ? nil : Self.alerts(alertConfiguration.settings, catalog, store, ingest, configuration, dataDirectory)
            if let alerts { ingest.runEnded = { alerts.runEnded($0) } }
            runs = try RunService(store: store, sources: catalog.sources, environment: ingest)
        } catch {
            throw CommandFailure(ExitStatus(error.kind), error.message)
        }
        declareMetrics()
    }

    /// How the store is to work, but for what is made to go wrong.
    private static func storeOptions(
        _ configuration: Configuration,
        keepsEverything: Bool,
        holder: String,
        _ logger: Logger,
        _ feed: CommitFeed,
        _ registry: PrometheusRegistry
    ) throws -> StoreOptions {
        var options = StoreOptions(holder: holder)
        options.retention = keepsEverything ? Retention(rows: nil, raw: nil, quarantine: nil) : try Retention(configuration)
        options.minimumFree = keepsEverything ? nil : try Settings.minimumFree.resolve(configuration)
        options.progress = { logger.info("\($0)") }
        options.warning = { logger.warning("\($0)") }
        options.committed = { feed.append($0) }
        options.synced = StoreMetrics.syncTimer(registry)
        return options
    }

    private func declareMetrics() {
        MetricsCatalog.declare(in: registry, sources: runs.sources())
        RunMetrics.refreshAtScrape(registry, runs: runs)
        UpstreamMetrics.refreshAtScrape(registry, runs: runs)
        SourceMetrics.refreshAtScrape(registry, runs: runs)
        StoreMetrics.refreshAtScrape(registry, store: store, lastBackup: lastBackup)
    }

    private static func alerts(
        _ settings: AlertSettings,
        _ catalog: SourceCatalog,
        _ store: Store,
        _ environment: IngestEnvironment,
        _ configuration: Configuration,
        _ dataDirectory: String
    ) -> AlertService {
        let context = AlertContext(configuration: configuration.file?.path, dataDirectory: dataDirectory)
        return AlertService(
            settings: settings,
            store: store,
            sources: catalog.sources.map(\.name),
            context: context,
            environment: environment
        )
    }

    /// What a source's own secrets are kept out of everything for holds for these too.
    static func secrets(_ catalog: SourceCatalog, _ environment: [String: String]) -> Secrets {
        var secrets = catalog.secrets
        for name in ["KASPARRO_TOKEN", "KASPARRO_JWT_SECRET"] {
            if let secret = environment[name] { secrets.add(secret) }
        }
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            if let proxy = environment[name] { secrets.add(userInfoOf: proxy) }
        }
        return secrets
    }

    /// Ends the use of the store in an orderly way.
    ///
    /// - Parameter seconds: How long alerts that have not been tried yet may take; nil: they are dropped.
    func closeStore(sendingAlertsFor seconds: Int? = nil) throws {
        alerts?.stop(waitingAtMost: seconds.map { $0 * 1_000 })
        defer { log.tellOfRepetition(isEnd: true) }
        do throws(StoreError) {
            try store.close()
        } catch {
            throw CommandFailure(ExitStatus(error.kind), error.message)
        }
    }

    /// Whether the store was filled with the file that comes with the program, whose rows name `sample` as their origin.
    var holdsSampleData: Bool {
        guard let file = try? fileSystem.open(dataDirectory + "/inbox/Historical_Data.csv", .read) else { return false }
        var head = [UInt8](repeating: 0, count: 512)
        let count = head.withUnsafeMutableBytes { (try? file.read(into: $0, at: 0)) ?? 0 }
        return String(decoding: head[..<count], as: UTF8.self).contains(",sample\n")
    }
}

extension ExitStatus {
    init(_ kind: StoreError.Kind) {
        switch kind {
        case .locked: self = .locked
        case .cannotCreate: self = .cannotCreate
        case .corrupt, .newerFormat: self = .corruptData
        case .permission: self = .permission
        case .noSpace, .readOnly, .poisoned, .inputOutput, .tooLarge, .closed: self = .failure
        }
    }
}
