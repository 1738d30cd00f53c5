import ArgumentParser
import Logging
import Telemetry

/// Options of every command that opens a data directory.
struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Where everything is kept; made when missing. (default: var)", valueName: "dir"))
    var dataDir: String?

    @Option(name: .long, help: ArgumentHelp("trace, debug, info, notice, warning, error or critical. (default: info)", valueName: "level"))
    var logLevel: String?

    @Option(name: .long, help: ArgumentHelp("text or json. (default: text)", valueName: "format"))
    var logFormat: String?
}

/// One setting on its way from option, environment or default to its value (spec section 11: option > environment > default).
struct Setting<Value: Sendable>: Sendable {
    /// The option as it is typed.
    let option: String
    let variable: String
    let fallback: Value
    /// nil when the text is not a value.
    let parse: @Sendable (String) -> Value?
    /// What a value looks like, for the error message.
    let expectation: String

    func resolve(_ given: String?, _ environment: [String: String]) throws -> Value {
        if let given { return try value(of: given, from: option) }
        // An empty variable counts as unset.
        if let text = environment[variable], !text.isEmpty { return try value(of: text, from: variable) }
        return fallback
    }

    private func value(of text: String, from origin: String) throws -> Value {
        guard let value = parse(text) else { throw CommandFailure(.usage, "\(origin) is “\(text)”; \(expectation)") }
        return value
    }
}

enum Settings {
    static let dataDirectory = Setting(
        option: "--data-dir",
        variable: "KASPARRO_DATA_DIR",
        fallback: "var",
        parse: { $0.isEmpty ? nil : trimmedPath($0) },
        expectation: "the path of a directory is expected"
    )

    static let logLevel = Setting(
        option: "--log-level",
        variable: "KASPARRO_LOG_LEVEL",
        fallback: Logger.Level.info,
        parse: { Logger.Level(rawValue: $0.lowercased()) },
        expectation: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")) is expected"
    )

    static let logFormat = Setting(
        option: "--log-format",
        variable: "KASPARRO_LOG_FORMAT",
        fallback: LogFormat.text,
        parse: { LogFormat(rawValue: $0.lowercased()) },
        expectation: "text or json is expected"
    )

    static let noSchedule = Setting(
        option: "--no-schedule",
        variable: "KASPARRO_NO_SCHEDULE",
        fallback: false,
        parse: { ["1": true, "true": true, "yes": true, "0": false, "false": false, "no": false][$0.lowercased()] },
        expectation: "true or false is expected"
    )

    /// `PORT` alone moves the default address to another port.
    static func listen(_ environment: [String: String]) throws -> Setting<ListenAddress> {
        let port = try Setting(
            option: "PORT",
            variable: "PORT",
            fallback: 8080,
            parse: { Int($0).flatMap { (0...65_535).contains($0) ? $0 : nil } },
            expectation: "a port number from 0 to 65535 is expected"
        ).resolve(nil, environment)
        return Setting(
            option: "--listen",
            variable: "KASPARRO_LISTEN",
            fallback: ListenAddress(host: "127.0.0.1", port: port),
            parse: { ListenAddress($0) },
            expectation: "an address and a port are expected, such as 127.0.0.1:8080 or [::1]:8080"
        )
    }

    /// Without slashes at its end, so that messages and paths read well.
    private static func trimmedPath(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}

/// Where the server listens.
struct ListenAddress: Equatable {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// From `host:port`, `[ipv6]:port`, or `:port` for the loopback address.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        self.init(host: host.isEmpty ? "127.0.0.1" : host, port: port)
    }

    /// As it stands in a URL.
    var urlHost: String { host.contains(":") ? "[\(host)]" : host }
}
