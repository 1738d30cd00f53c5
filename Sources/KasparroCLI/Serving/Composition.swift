import CoreMetrics
import Ingest
import Logging
import Telemetry
import TickerStore

/// The parts that every command with a data directory needs, made in dependency order: metrics, log, store, runs.
struct Composition {
    let dataDirectory: String
    let registry: PrometheusRegistry
    let logger: Logger
    let store: Store
    let runs: RunService
    let fileSystem: any FileSystem

    /// - Parameters:
    ///   - keeping: how long things are kept, and how much of the disk stays free.
    ///   - holder: what `LOCK` says about this process.
    init(_ options: CommonOptions, keeping: KeepingOptions, environment: [String: String], holder: String) throws {
        dataDirectory = try Settings.dataDirectory.resolve(options.dataDir, environment)
        let level = try Settings.logLevel.resolve(options.logLevel, environment)
        let format = try Settings.logFormat.resolve(options.logFormat, environment)
        let registry = PrometheusRegistry()
        let sink = LogSink(registry: registry)
        LoggingSystem.bootstrap { label in format.handler(label: label, level: level, sink: sink) }
        MetricsSystem.bootstrap(registry)
        self.registry = registry
        let logger = Logger(label: "kasparro")
        self.logger = logger
        fileSystem = PosixFileSystem()
        let sources = try Self.sources(dataDirectory, environment)
        var storeOptions = StoreOptions(holder: holder)
        try keeping.apply(to: &storeOptions, environment: environment)
        storeOptions.progress = { logger.info("\($0)") }
        storeOptions.warning = { logger.warning("\($0)") }
        do throws(StoreError) {
            store = try Store(path: dataDirectory, fileSystem: fileSystem, options: storeOptions)
            for note in store.openingNotes { logger.warning("\(note)") }
            var ingest = IngestEnvironment(fileSystem: fileSystem, logger: logger)
            ingest.retainRowsMilliseconds = storeOptions.retention.rows
            runs = try RunService(
                store: store,
                sources: sources,
                environment: ingest
            )
        } catch {
            throw CommandFailure(ExitStatus(error.kind), error.message)
        }
        MetricsCatalog.declare(in: registry, sources: runs.sources())
        MetricsCatalog.refreshAtScrape(registry, store: store, runs: runs)
    }

    private static func sources(_ dataDirectory: String, _ environment: [String: String]) throws -> [SourceDefinition] {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let url = variable("COINPAPRIKA_API_URL"), !BuiltInSources.isUsable(url: url) {
            throw CommandFailure(.usage, "COINPAPRIKA_API_URL is “\(url)”; an absolute http or https URL is expected")
        }
        return [
            BuiltInSources.coinpaprika(override: variable("COINPAPRIKA_API_URL"), userAgent: BuildInformation.userAgent),
            BuiltInSources.csv(inbox: dataDirectory + "/inbox", extraFile: variable("KASPARRO_CSV")),
        ]
    }

    /// Ends the use of the store in an orderly way.
    func closeStore() throws {
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
