import ArgumentParser
import Ingest
import MarketData
import TickerStore
import Transfer

/// `kasparro check`: is the configuration good, and what does it come to?
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration without starting anything. Exit 0: good, 78: not.",
        discussion: """
            Every mistake is told with its place. Secrets must be there: their files are read and their variables looked up.
              kasparro check --config kasparro.conf
              kasparro check --send-alert
            """
    )

    @OptionGroup var common: CommonOptions

    @Flag(name: .long, help: "Print a JSON object.")
    var json = false

    @Flag(name: .long, help: "Send a test message to where alerts go.")
    var sendAlert = false

    func run() throws {
        let report: CheckReport
        do {
            report = try CheckReport(Configuration(common.given))
        } catch let failure as CommandFailure where json {
            // A file that cannot be taken apart, a wrong variable or secret: one problem, and nothing else to report.
            print(
                jsonText {
                    $0.member("valid", false); $0.member("error", failure.message)
                }
            )
            throw failure
        }
        let sent = sendAlert && report.errors.isEmpty ? try AlertTrial.send(to: report.alerts, path: report.path, report.dataDirectory) : []
        print(
            json
                ? jsonText { writer in
                    report.appendMembers(to: &writer)
                    if sendAlert { writer.array("sent", sent) { $1.append(to: &$0) } }
                } : ([report.text] + sent.map(\.text)).joined(separator: "\n")
        )
        guard report.errors.isEmpty else {
            throw CommandFailure(.badConfiguration, "\(count(report.errors.count, "error")) in \(report.path ?? "the configuration")")
        }
        let failed = sent.count { !$0.isSent }
        if failed > 0 { throw CommandFailure(.failure, "\(count(failed, "test message")) did not go out") }
    }
}

/// What `check` found.
struct CheckReport {
    let path: String?
    let catalog: SourceCatalog
    let alerts: AlertConfiguration
    let problems: [ConfigurationProblem]
    let dataDirectory: String

    init(_ configuration: Configuration) throws {
        try configuration.checkVariables()
        path = configuration.file?.path
        let settingProblems = configuration.settingProblems()
        let isUsable = settingProblems.allSatisfy { $0.pointer != "/\(Settings.dataDirectory.key)" }
        dataDirectory = isUsable ? try Settings.dataDirectory.resolve(configuration) : Settings.dataDirectory.fallback
        catalog = configuration.catalog(dataDirectory: dataDirectory)
        alerts = configuration.alerts()
        let found = settingProblems + alerts.problems + catalog.problems
        problems = settingProblems.isEmpty ? try found + Self.credentialProblems(configuration, dataDirectory) : found
    }

    /// What a start would refuse of the token's file, where the file names it.
    ///
    /// - Throws: `CommandFailure`, when something else than the file is to blame.
    private static func credentialProblems(_ configuration: Configuration, _ dataDirectory: String) throws -> [ConfigurationProblem] {
        let problems = ConfigurationProblems()
        let fileSystem = PosixFileSystem()
        do throws(CommandFailure) {
            try CredentialFiles.checkToken(dataDirectory: dataDirectory, configuration, fileSystem: fileSystem)
        } catch {
            guard let node = SecretPlace.tokenNode(configuration) else { throw error }
            // The problem names the place itself.
            problems.add(at: node, error.message.replacing("\(node.origin): /\(Settings.tokenFile.key): ", with: ""))
        }
        try CredentialFiles.checkKey(dataDirectory: dataDirectory, configuration, fileSystem: fileSystem)
        return problems.list
    }

    var errors: [ConfigurationProblem] { problems.filter { $0.severity == .error } }

    var text: String {
        var lines = problems.map(\.description)
        if errors.isEmpty {
            lines += catalog.sources.map { "\($0.name): \($0.inWords)" }
            if catalog.sources.isEmpty { lines.append("no source is enabled") }
            lines.append("alerts: \(alerts.settings.inWords)")
            let subject = path ?? "no configuration file was named, so none was looked at (--config, KASPARRO_CONFIG); what is there without one"
            lines.append("\(subject): good, \(count(catalog.sources.count, "source"))")
        }
        return lines.joined(separator: "\n")
    }

    func appendMembers(to writer: inout JSONWriter) {
        writer.member("valid", errors.isEmpty)
        writer.member("path", path)
        writer.array("problems", problems) { writer, problem in
            writer.beginObject()
            writer.member("severity", problem.severity.rawValue)
            writer.member("path", problem.path)
            writer.member("line", problem.place.line)
            writer.member("column", problem.place.column)
            writer.member("pointer", problem.pointer)
            writer.member("message", problem.message)
            writer.endObject()
        }
        writer.array("sources", catalog.sources) { writer, source in
            writer.beginObject()
            writer.member("name", source.name)
            writer.member("kind", source.kindName)
            writer.member("url", source.upstream.map { redacted(url: $0.url) })
            writer.member("per_minute", source.upstream?.quota.perMinute)
            writer.member("per_month", source.upstream?.quota.perMonth)
            writer.member("every_milliseconds", source.intervalMilliseconds)
            writer.endObject()
        }
        writer.member("alerts", alerts.settings.inWords)
    }
}

extension SourceDefinition {
    /// One line without secrets.
    fileprivate var inWords: String {
        var parts = [kindName]
        switch kind {
        case .http(let source):
            parts.append(redacted(url: source.upstream.url))
            if source.maximumPages > 1 { parts.append("at most \(source.maximumPages) pages") }
        case .feed(let source): parts.append(redacted(url: source.upstream.url))
        case .csv(let source):
            parts.append("\(source.inbox)/\(source.pattern ?? "*.csv, *.csv.gz")")
            if !source.extraFiles.isEmpty { parts.append("and \(source.extraFiles.joined(separator: ", "))") }
            if !source.excludedPatterns.isEmpty { parts.append("without \(source.excludedPatterns.joined(separator: ", "))") }
        }
        if let quota = upstream?.quota {
            parts.append("\(quota.perMinute) a minute" + (quota.perMonth.map { ", \($0) a month" } ?? ""))
        }
        if let intervalMilliseconds { parts.append("every \(DurationText.text(intervalMilliseconds))") }
        return parts.joined(separator: "  ")
    }
}
