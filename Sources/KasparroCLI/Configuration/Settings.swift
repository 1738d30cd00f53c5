import HTTPAPI
import Ingest
import Logging
import Telemetry

/// All settings. To add one, write it down here or beside its like, and name it in its family; and describe it in the manual.
enum Settings {
    /// In the order in which `config --effective` shows them.
    static let all = CommonSettings.settings + ServingSettings.settings + AccessSettings.settings + KeepingSettings.settings
    /// Those that a file may hold.
    static let inFile = all.filter(\.isInFile)
    /// What else a file holds.
    static let objects = ["alerts", "sources"]
    /// Every key at the top of a file.
    static let keys = inFile.map(\.key) + objects
}

/// Options of every command that opens a data directory.
enum CommonSettings: SettingFamily {
    static let settings: [any AnySetting] = [Settings.dataDirectory, Settings.configurationFile, Settings.logLevel, Settings.logFormat]
}

/// Options of the commands that look after a store.
enum StoreSettings: SettingFamily {
    static let settings: [any AnySetting] = [Settings.dataDirectory, Settings.configurationFile]
}

/// Options of the server alone.
enum ServingSettings: SettingFamily {
    static let settings: [any AnySetting] = [
        Settings.listen, Settings.tokenFile, Settings.corsOrigin, Settings.accessLog, Settings.every, Settings.noSchedule,
    ]
}

/// The option of the commands that look after the token.
enum TokenSettings: SettingFamily {
    static let settings: [any AnySetting] = [Settings.tokenFile]
}

typealias CommonOptions = SettingOptions<CommonSettings>
typealias StoreLocation = SettingOptions<StoreSettings>
typealias ServingOptions = SettingOptions<ServingSettings>
typealias TokenFileOptions = SettingOptions<TokenSettings>

extension Settings {
    static let dataDirectory = Setting(
        name: "data-dir",
        help: "The data directory, where everything is kept.",
        valueName: "dir",
        fallback: "var",
        fallbackText: "var",
        kind: .directory,
        needsRestart: true,
        parse: { $0.isEmpty ? nil : trimmedPath($0) },
        expectation: "the path of a directory is expected"
    )

    static let configurationFile = Setting<String?>(
        name: "config",
        help: "A configuration file: settings and sources, in JSON5. See kasparro.conf(5).",
        valueName: "file",
        fallback: nil,
        fallbackText: "",
        kind: .file,
        isInFile: false,
        parse: { $0.isEmpty ? nil : .some($0) },
        expectation: "the path of a file is expected"
    )

    static let logLevel = Setting(
        name: "log-level",
        help: "\(oneOf(logLevels)).",
        valueName: "level",
        fallback: Logger.Level.info,
        fallbackText: "info",
        words: logLevels,
        parse: { Logger.Level(rawValue: $0.lowercased()) },
        expectation: "one of \(logLevels.joined(separator: ", ")) is expected"
    )

    private static let logLevels = Logger.Level.allCases.map(\.rawValue)

    static let logFormat = Setting(
        name: "log-format",
        help: "text or json.",
        valueName: "format",
        fallback: LogFormat.text,
        fallbackText: "text",
        words: LogFormat.allCases.map(\.rawValue),
        needsRestart: true,
        parse: { LogFormat(rawValue: $0.lowercased()) },
        expectation: "text or json is expected"
    )

    static let listen = Setting(
        name: "listen",
        help: "Where to listen; port 0 takes a free one.",
        valueName: "addr:port",
        fallback: ListenAddress(host: "127.0.0.1", port: 8080),
        fallbackText: "127.0.0.1:8080",
        fallbackInWords: "127.0.0.1:8080, or PORT",
        needsRestart: true,
        parse: { ListenAddress($0) },
        expectation: "an address and a port are expected, such as 127.0.0.1:8080 or [::1]:8080"
    )

    static let tokenFile = Setting<String?>(
        name: "token-file",
        help: "A file with the bearer token for POST routes.",
        valueName: "file",
        fallback: nil,
        fallbackText: "<data-dir>/token",
        kind: .file,
        parse: { $0.isEmpty ? nil : .some($0) },
        expectation: "the path of a file is expected"
    )

    static let corsOrigin = Setting(
        name: "cors-origin",
        help: "Origins whose pages may read the API in a browser, separated by commas, or *.",
        valueName: "origins",
        fallback: CrossOrigin(),
        fallbackText: "",
        parse: { $0.isEmpty ? CrossOrigin() : CrossOrigin($0) },
        expectation: "origins as browsers write them are expected, such as https://example.org,http://localhost:3000, or *"
    )

    static let accessLog = flag("access-log", help: "Log each request at the level info.")

    /// How often sources are loaded, in milliseconds.
    static let every = Setting<Int64>(
        name: "every",
        help: "How often the sources are loaded, on the full hour or the like, UTC: 15m, 1h, 1d.",
        valueName: "time",
        fallback: 3_600_000,
        fallbackText: "1h",
        parse: { text in DurationText.milliseconds(text).flatMap { (1_000...31 * 86_400_000).contains($0) ? $0 : nil } },
        expectation: "a time from 1s to 31d is expected, such as 15m or 1h"
    )

    static let noSchedule = flag("no-schedule", help: "Load the sources only when somebody asks: neither at start nor on schedule.")

    /// Off unless somebody says so.
    private static func flag(_ name: String, help: String) -> Setting<Bool> {
        Setting(
            name: name,
            help: help,
            fallback: false,
            fallbackText: "false",
            kind: .flag,
            parse: { ["1": true, "true": true, "yes": true, "0": false, "false": false, "no": false][$0.lowercased()] },
            expectation: "true or false is expected"
        )
    }

    private static func oneOf(_ words: [String]) -> String { words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "") }

    /// Without slashes at its end, so that messages and paths read well.
    private static func trimmedPath(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
