import Glibc
import Ingest
import MarketData
import TickerStore
import Transfer

/// Where the settings and the sources of one start come from: options, environment, file, defaults.
struct Configuration: Sendable {
    /// What was typed, by the settings' keys.
    var options: [String: String] = [:]
    let environment: [String: String]
    /// The file named by `--config` or `KASPARRO_CONFIG`; without one there is none.
    let file: ConfigurationText?
    private let fileSystem: any FileSystem

    /// Reads the file, if one is named, and looks at nothing in it yet.
    ///
    /// - Parameter options: what was typed, by the settings' keys.
    /// - Throws: `CommandFailure` when it cannot be read or is not JSON5.
    init(
        _ options: [String: String]...,
        environment: [String: String] = ProcessEnvironment.variables,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(CommandFailure) {
        for group in options { self.options.merge(group) { $1 } }
        self.environment = environment
        self.fileSystem = fileSystem
        guard
            let path = self.options[Settings.configurationFile.key]
                ?? environment[Settings.configurationFile.variable].flatMap({ $0.isEmpty ? nil : $0 })
        else {
            file = nil
            return
        }
        do {
            file = try ConfigurationText.read(path, fileSystem)
        } catch let problem as ConfigurationProblem {
            throw CommandFailure(.badConfiguration, problem.description)
        } catch let error as FileError {
            throw CommandFailure(.badConfiguration, "cannot read the configuration file: \(error)")
        } catch {
            throw CommandFailure(.badConfiguration, "cannot read the configuration file \(path): \(error)")
        }
    }

    /// The same options and variables, with the file as it is now.
    ///
    /// - Throws: as `init`.
    func again() throws(CommandFailure) -> Configuration { try Configuration(options, environment: environment, fileSystem: fileSystem) }

    /// What a variable says; an empty one counts as unset.
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// What is made to go wrong, for demonstrations and tests; from the environment only, and nil in ordinary use.
    func fault() throws(CommandFailure) -> FaultPoint? {
        guard let text = variable("KASPARRO_FAULT") else { return nil }
        guard let fault = FaultPoint(text) else {
            throw CommandFailure(.usage, "KASPARRO_FAULT is “\(text)”; \(FaultPoint.forms) is expected; unset it for ordinary use")
        }
        return fault
    }

    /// What the file says about a setting.
    func node(_ key: String) -> ConfigurationNode? {
        guard let node = file?.root.member(key), !node.value.isNull else { return nil }
        return node
    }

    /// Decodes the sources.
    func catalog(dataDirectory: String) -> SourceCatalog {
        SourceCatalog(file: file, surroundings: surroundings(dataDirectory))
    }

    /// Decodes where alerts go.
    func alerts() -> AlertConfiguration { AlertConfiguration(file: file, surroundings: surroundings("")) }

    private func surroundings(_ dataDirectory: String) -> ConfigurationSurroundings {
        ConfigurationSurroundings(
            variables: environment,
            dataDirectory: dataDirectory,
            userAgent: BuildInformation.userAgent,
            fileSystem: fileSystem,
            isReadableByAll: { path in
                var status = stat()
                return stat(path, &status) == 0 && status.st_mode & S_IROTH != 0
            }
        )
    }

    /// Everything that is wrong with the file's settings, whether an option overrides them or not.
    func settingProblems() -> [ConfigurationProblem] {
        guard let file else { return [] }
        let problems = ConfigurationProblems()
        ConfigurationSection(layers: [file.root], problems: problems).refuseUnknown(Settings.keys)
        for setting in Settings.inFile {
            guard let node = node(setting.key), let message = setting.problem(with: node.value) else { continue }
            problems.add(at: node, message)
        }
        return problems.list
    }

    /// The sources of a start, or the failure that names all that is wrong with the configuration.
    func usableCatalog(dataDirectory: String) throws(CommandFailure) -> SourceCatalog {
        try checkOverrides()
        let catalog = catalog(dataDirectory: dataDirectory)
        let errors = (settingProblems() + alerts().problems + catalog.problems).filter { $0.severity == .error }
        guard errors.isEmpty else { throw Self.failure(errors) }
        return catalog
    }

    /// One line a problem.
    static func failure(_ errors: [ConfigurationProblem]) -> CommandFailure {
        CommandFailure(.badConfiguration, "the configuration cannot be used\n" + errors.map(\.description).joined(separator: "\n"))
    }

    /// Looks at the variables that a start would.
    func checkVariables() throws {
        for setting in Settings.all {
            guard let text = variable(setting.variable), let message = setting.problem(withText: text) else { continue }
            throw CommandFailure(.usage, "\(setting.variable) is “\(text)”; \(message)")
        }
        _ = try ListenAddress.port(self)
        _ = try fault()
        try checkOverrides()
    }

    /// URLs in the environment are as good as options.
    func checkOverrides() throws(CommandFailure) {
        for variable in ["COINPAPRIKA_API_URL", "COINGECKO_API_URL"] {
            guard let url = self.variable(variable), !BuiltInSources.isUsable(url: url) else { continue }
            throw CommandFailure(.usage, "\(variable) is “\(redacted(url: url))”; an absolute http or https URL is expected")
        }
        let problems = alerts().variableProblems
        if !problems.isEmpty { throw CommandFailure(.usage, problems.joined(separator: "\n")) }
    }
}
