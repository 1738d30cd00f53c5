import HTTPAPI
import Ingest
import Logging
import MarketData
import Telemetry

/// One setting on its way from option, environment, file or default to its value (spec section 11: they win in this order).
struct Setting<Value: Sendable>: Sendable, AnySetting {
    /// The option as it is typed.
    let option: String
    let variable: String
    let fallback: Value
    /// The default as it would be typed.
    let fallbackText: String
    /// Whether the value is true or false, in the file without quotes.
    var isFlag = false
    /// Whether the value is a path, which in the file begins at the file's directory.
    var isPath = false
    /// nil when the text is not a value.
    let parse: @Sendable (String) -> Value?
    /// What a value looks like, for the error message.
    let expectation: String

    func resolve(_ given: String?, _ configuration: Configuration) throws(CommandFailure) -> Value {
        if let given { return try value(of: given, from: option) }
        // An empty variable counts as unset.
        if let text = configuration.environment[variable], !text.isEmpty { return try value(of: text, from: variable) }
        if let node = configuration.node(key) {
            if let message = problem(with: node.value) { throw CommandFailure(.badConfiguration, "\(node.origin): /\(key): \(message)") }
            if let text = text(in: node), let value = parse(text) { return value }
        }
        return fallback
    }

    /// Whether somebody said what it is to be.
    func isGiven(_ given: String?, _ configuration: Configuration) -> Bool {
        given != nil || configuration.environment[variable]?.isEmpty == false || configuration.node(key) != nil
    }

    private func value(of text: String, from origin: String) throws(CommandFailure) -> Value {
        guard let value = parse(text) else { throw CommandFailure(.usage, "\(origin) is “\(text)”; \(expectation)") }
        return value
    }

    func problem(withText text: String) -> String? { parse(text) == nil ? expectation : nil }

    func problem(with value: JSONValue) -> String? {
        if let text = Self.text(of: value, isFlag: isFlag), parse(text) != nil { return nil }
        return isFlag ? "true or false is expected" : expectation
    }
}

/// A setting without its type, for lists of all of them.
protocol AnySetting: Sendable {
    var option: String { get }
    var variable: String { get }
    var fallbackText: String { get }
    var isFlag: Bool { get }
    var isPath: Bool { get }
    /// What is wrong with a value as it is typed; nil when nothing is.
    func problem(withText text: String) -> String?
    /// What is wrong with a value of the file; nil when nothing is.
    func problem(with value: JSONValue) -> String?
}

extension AnySetting {
    /// The key in the file: the long option with `_` for `-`.
    var key: String { String(option.drop { $0 == "-" }).replacing("-", with: "_") }

    /// The file's value as it would be typed.
    func text(in node: ConfigurationNode) -> String? {
        Self.text(of: node.value, isFlag: isFlag).map { isPath ? node.text.resolved($0) : $0 }
    }

    static func text(of value: JSONValue, isFlag: Bool) -> String? {
        switch value.kind {
        case .bool(let value): isFlag ? "\(value)" : nil
        case .string: isFlag ? nil : value.string
        case .number: isFlag ? nil : String(decoding: value.rawBytes, as: UTF8.self)
        default: nil
        }
    }

    /// The value as it would be typed and where it comes from.
    func effective(_ given: String?, _ configuration: Configuration) -> (text: String, origin: String) {
        if let given { return (given, "option \(option)") }
        if let text = configuration.environment[variable], !text.isEmpty { return (text, "environment \(variable)") }
        if let node = configuration.node(key), let text = text(in: node) { return (text, node.origin) }
        return (fallbackText, "default")
    }
}

enum Settings {
    /// Those that a file may hold, in the order of the manual.
    static var all: [any AnySetting] {
        [
            dataDirectory, listen(ListenAddress(host: "127.0.0.1", port: 8080)), every, noSchedule, logLevel, logFormat, tokenFile, authentication,
            audience, issuer, trustedProxies, maximumConnections, corsOrigin, accessLog, retainRows, retainRaw, retainQuarantine, minimumFree,
        ]
    }

    static let dataDirectory = Setting(
        option: "--data-dir",
        variable: "KASPARRO_DATA_DIR",
        fallback: "var",
        fallbackText: "var",
        isPath: true,
        parse: { $0.isEmpty ? nil : trimmedPath($0) },
        expectation: "the path of a directory is expected"
    )

    static let logLevel = Setting(
        option: "--log-level",
        variable: "KASPARRO_LOG_LEVEL",
        fallback: Logger.Level.info,
        fallbackText: "info",
        parse: { Logger.Level(rawValue: $0.lowercased()) },
        expectation: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")) is expected"
    )

    static let logFormat = Setting(
        option: "--log-format",
        variable: "KASPARRO_LOG_FORMAT",
        fallback: LogFormat.text,
        fallbackText: "text",
        parse: { LogFormat(rawValue: $0.lowercased()) },
        expectation: "text or json is expected"
    )

    static let noSchedule = flag("--no-schedule", variable: "KASPARRO_NO_SCHEDULE")
    static let accessLog = flag("--access-log", variable: "KASPARRO_ACCESS_LOG")

    /// Off unless somebody says so.
    private static func flag(_ option: String, variable: String) -> Setting<Bool> {
        Setting(
            option: option,
            variable: variable,
            fallback: false,
            fallbackText: "false",
            isFlag: true,
            parse: { ["1": true, "true": true, "yes": true, "0": false, "false": false, "no": false][$0.lowercased()] },
            expectation: "true or false is expected"
        )
    }

    static let corsOrigin = Setting(
        option: "--cors-origin",
        variable: "KASPARRO_CORS_ORIGIN",
        fallback: CrossOrigin(),
        fallbackText: "",
        parse: { $0.isEmpty ? CrossOrigin() : CrossOrigin($0) },
        expectation: "origins as browsers write them are expected, such as https://example.org,http://localhost:3000, or *"
    )

    /// How often sources are loaded, in milliseconds.
    static let every = Setting<Int64>(
        option: "--every",
        variable: "KASPARRO_EVERY",
        fallback: 3_600_000,
        fallbackText: "1h",
        parse: { text in DurationText.milliseconds(text).flatMap { (1_000...31 * 86_400_000).contains($0) ? $0 : nil } },
        expectation: "a time from 1s to 31d is expected, such as 15m or 1h"
    )

    static let tokenFile = Setting<String?>(
        option: "--token-file",
        variable: "KASPARRO_TOKEN_FILE",
        fallback: nil,
        fallbackText: "<data-dir>/token",
        isPath: true,
        parse: { $0.isEmpty ? nil : .some($0) },
        expectation: "the path of a file is expected"
    )

    /// - Parameter fallback: the address when none is given; `PORT` moves it to another port.
    static func listen(_ fallback: ListenAddress) -> Setting<ListenAddress> {
        Setting(
            option: "--listen",
            variable: "KASPARRO_LISTEN",
            fallback: fallback,
            fallbackText: "\(fallback.urlHost):\(fallback.port)",
            parse: { ListenAddress($0) },
            expectation: "an address and a port are expected, such as 127.0.0.1:8080 or [::1]:8080"
        )
    }

    /// Where to listen; `PORT` alone moves the default address to another port, and wins over the file as every variable does.
    static func address(_ given: String?, _ configuration: Configuration) throws -> ListenAddress {
        let usual = ListenAddress(host: "127.0.0.1", port: 8080)
        if given == nil, (configuration.environment["KASPARRO_LISTEN"] ?? "").isEmpty, let port = try port(configuration) {
            return ListenAddress(host: usual.host, port: port)
        }
        return try listen(usual).resolve(given, configuration)
    }

    /// What `PORT` says; nil when it is not set.
    static func port(_ configuration: Configuration) throws(CommandFailure) -> Int? {
        try Setting<Int?>(
            option: "PORT",
            variable: "PORT",
            fallback: nil,
            fallbackText: "",
            parse: { text in Int(text).flatMap { (0...65_535).contains($0) ? .some($0) : nil } },
            expectation: "a port number from 0 to 65535 is expected"
        ).resolve(nil, configuration)
    }

    /// What is made to go wrong, for demonstrations and tests; from the environment only, and nil in ordinary use.
    static func fault(_ configuration: Configuration) throws(CommandFailure) -> FaultPoint? {
        try Setting<FaultPoint?>(
            option: "KASPARRO_FAULT",
            variable: "KASPARRO_FAULT",
            fallback: nil,
            fallbackText: "",
            parse: { text in FaultPoint(text).map { .some($0) } },
            expectation: "\(FaultPoint.forms) is expected; unset it for ordinary use"
        ).resolve(nil, configuration)
    }

    /// Without slashes at its end, so that messages and paths read well.
    private static func trimmedPath(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
