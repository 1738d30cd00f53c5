import ArgumentParser
import Ingest
import MarketData

/// `kasparro config`: the configuration that is built in, or the one that a start would have.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the built-in configuration file, or each value that a start would have and where it comes from.",
        discussion: """
              kasparro config --default > kasparro.conf
              kasparro config --effective --config kasparro.conf
            """
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var keeping: KeepingOptions
    @OptionGroup var serving: ServingOptions
    @OptionGroup var access: AccessOptions

    @Flag(name: .customLong("default"), help: "Print the built-in configuration, a file to start from.")
    var isDefault = false

    @Flag(name: .long, help: "Print each value and where it comes from. Secrets are not shown, only where they are.")
    var effective = false

    @Flag(name: .long, help: "Print a JSON object.")
    var json = false

    func validate() throws {
        guard isDefault != effective else { throw ValidationError("one of --default and --effective is expected") }
    }

    func run() throws {
        if isDefault {
            print(
                json ? jsonText { $0.rawMember("configuration", Array(BuiltInSources.configuration.root.json)) } : BuiltInSources.text,
                terminator: json ? "\n" : ""
            )
            return
        }
        let values = try effectiveValues()
        if json {
            print(
                jsonText { writer in
                    writer.array("values", values) { writer, value in
                        writer.beginObject()
                        writer.member("name", value.path)
                        writer.rawMember("value", value.json)
                        writer.member("origin", value.origin)
                        writer.endObject()
                    }
                }
            )
        } else {
            let width = values.map(\.path.count).max() ?? 0
            for value in values {
                let name = value.path + String(repeating: " ", count: width - value.path.count)
                print("\(name)  \(String(decoding: value.json, as: UTF8.self))  (\(value.origin))")
            }
        }
    }

    private func effectiveValues() throws -> [ConfiguredValue] {
        let configuration = try Configuration(file: common.config, environment: ProcessEnvironment.variables)
        try configuration.checkVariables()
        var given: [String: String?] = [
            "data_dir": common.dataDir, "listen": serving.listen, "every": serving.every, "no_schedule": serving.noSchedule ? "true" : nil,
            "log_level": common.logLevel, "log_format": common.logFormat, "token_file": serving.tokenFile, "cors_origin": serving.corsOrigin,
            "access_log": serving.accessLog ? "true" : nil, "retain_rows": keeping.retainRows,
            "retain_raw": keeping.retainRaw,
            "retain_quarantine": keeping.retainQuarantine, "min_free": keeping.minFree,
        ]
        given.merge(access.given) { $1 }
        let catalog = try configuration.usableCatalog(dataDirectory: Settings.dataDirectory.resolve(common.dataDir, configuration))
        var values = try Settings.all.map { setting in
            var (text, origin) = setting.effective(given[setting.key] ?? nil, configuration)
            if setting.key == "listen", given["listen"] ?? nil == nil, (configuration.environment["KASPARRO_LISTEN"] ?? "").isEmpty,
                let port = try Settings.port(configuration)
            {
                (text, origin) = ("127.0.0.1:\(port)", "environment PORT")
            }
            return ConfiguredValue(path: setting.key, json: setting.isFlag ? Array(text.utf8) : Self.json(text), origin: origin)
        }
        // The token itself is no setting, but whoever looks for the reason of a 401 looks here.
        if !(configuration.environment["KASPARRO_TOKEN"] ?? "").isEmpty {
            values.append(ConfiguredValue(path: "token", json: Self.json("***"), origin: "environment KASPARRO_TOKEN"))
        }
        if !(configuration.environment["KASPARRO_JWT_SECRET"] ?? "").isEmpty {
            values.append(ConfiguredValue(path: "jwt_secret", json: Self.json("***"), origin: "environment KASPARRO_JWT_SECRET"))
        }
        if let file = configuration.environment[SourceCatalog.extraFileVariable], !file.isEmpty {
            values.append(ConfiguredValue(path: "sources.csv.extra_file", json: Self.json(file), origin: "environment KASPARRO_CSV"))
        }
        return values + configuration.alerts().values + catalog.values
    }

    private static func json(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONText.appendEscaped(text, to: &bytes)
        return bytes
    }
}
