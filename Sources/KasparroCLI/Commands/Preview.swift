import ArgumentParser
import HTTPAPI
import Ingest
import Logging
import MarketData
import TickerStore

/// `kasparro preview SOURCE`: what a run would make of a source.
struct Preview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at a source as a run would and show what would become of it. Exit 0: rows would, 1: none.",
        discussion: """
            Shows which of its fields are taken, the first three rows, and what would go to quarantine and why. Nothing is stored; a server is asked
            for one page, within its quota, and that is written down.
              kasparro preview coinpaprika
              kasparro preview csv --file history.csv
            """
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var keeping: KeepingOptions

    @Argument(help: ArgumentHelp("The source's name.", valueName: "source"), completion: .sources)
    var source: String

    @Option(name: .long, help: ArgumentHelp("Read this file in the place of the server or the inbox.", valueName: "file"), completion: .file())
    var file: String?

    @Flag(name: .long, help: "Print a JSON object.")
    var json = false

    func run() async throws {
        let configuration = try Configuration(common.given, keeping.given)
        let directory = try Settings.dataDirectory.resolve(configuration)
        let report: PreviewReport
        // Which sources there are is for a server to say; unless it is about a file, or a configuration, that it need not know of.
        let isOwn = file != nil || Settings.configurationFile.isGiven(configuration)
        if !isOwn, let server = try await RunningServer.find(directory) {
            report = try await asked(server)
        } else {
            report = try await looked(configuration, directory)
        }
        print(json ? jsonText(report.appendMembers) : PreviewText(report: report, options: options).text)
        if report.good == 0 {
            throw CommandFailure(
                .failure,
                report.errors.isEmpty ? "no record of \(source) would become a row" : "\(source) cannot be loaded as it is"
            )
        }
    }

    private func looked(_ configuration: Configuration, _ directory: String) async throws -> PreviewReport {
        let catalog = try configuration.usableCatalog(dataDirectory: directory)
        guard let definition = catalog.sources.first(where: { $0.name == source }) else {
            throw CommandFailure(RefreshError.unknownSource(source, known: catalog.sources.map(\.name)))
        }
        return Ingest.Preview.needsStore(definition, file: file)
            ? try await asked(configuration) : Self.read(definition, catalog.secrets, file: file)
    }

    private func asked(_ server: RunningServer) async throws -> PreviewReport {
        guard let report = PreviewReport(try await server.post("/admin/preview", query: [("source", source)])) else {
            throw RunningServer.unreadable("preview")
        }
        return report
    }

    private var options: [String] {
        StoreSettings.settings.compactMap { setting in common.given[setting.key].map { "\(setting.option) \($0)" } }
    }

    /// What files hold needs no store.
    private static func read(_ definition: SourceDefinition, _ secrets: Secrets, file: String?) -> PreviewReport {
        var environment = IngestEnvironment(logger: Logger(label: "kasparro", factory: { _ in SwiftLogNoOpLogHandler() }))
        environment.secrets = secrets
        return Ingest.Preview(of: definition, environment: environment).report(file: file)
    }

    /// A server's quota is kept in the store, so a process that has it open asks.
    private func asked(_ configuration: Configuration) async throws -> PreviewReport {
        let door = RunsDoor(configuration: configuration, command: "preview")
        do {
            return try await door.work { server in
                try await asked(server)
            } alone: { [source] runs throws(RefreshError) in
                try runs.preview(source: source)
            }
        } catch let error as RefreshError {
            throw CommandFailure(error)
        }
    }
}
