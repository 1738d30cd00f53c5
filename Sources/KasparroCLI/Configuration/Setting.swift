import ArgumentParser
import Ingest
import MarketData

/// One setting: its name, its default, what it looks like and what is said of it. Its option, variable, key in the file, help and place in
/// `config --effective` are made of that, and its value comes from the first of them that says something (spec section 11).
struct Setting<Value: Sendable>: AnySetting {
    let name: String
    let help: String
    var valueName = ""
    let fallback: Value
    let fallbackText: String
    var fallbackInWords: String?
    var kind = SettingKind.text
    var words: [String] = []
    var isInFile = true
    var needsRestart = false
    /// nil when the text is not a value.
    let parse: @Sendable (String) -> Value?
    /// What a value looks like, for the error message.
    let expectation: String

    func resolve(_ configuration: Configuration) throws(CommandFailure) -> Value {
        if let given = configuration.options[key] { return try value(of: given, from: option) }
        if let text = configuration.variable(variable) { return try value(of: text, from: variable) }
        if let node = configuration.node(key) {
            if let message = problem(with: node.value) { throw CommandFailure(.badConfiguration, "\(node.origin): /\(key): \(message)") }
            if let text = text(in: node), let value = parse(text) { return value }
        }
        return fallback
    }

    private func value(of text: String, from origin: String) throws(CommandFailure) -> Value {
        guard let value = parse(text) else { throw CommandFailure(.usage, "\(origin) is “\(text)”; \(expectation)") }
        return value
    }

    func problem(withText text: String) -> String? { parse(text) == nil ? expectation : nil }

    func problem(with value: JSONValue) -> String? {
        if let text = Self.text(of: value, kind), parse(text) != nil { return nil }
        return kind == .flag ? "true or false is expected" : expectation
    }
}

/// How a setting is written.
enum SettingKind {
    case text
    /// True or false: an option without a value, in the file without quotes.
    case flag
    /// A whole number, in the file with or without quotes.
    case number
    /// Paths, which in the file begin at the file's directory.
    case file, directory
}

/// A setting without its type, for lists of all of them.
protocol AnySetting: Sendable {
    /// The long option without its dashes.
    var name: String { get }
    /// A sentence for `--help`, without the default.
    var help: String { get }
    /// What `--help` calls the value.
    var valueName: String { get }
    /// The default as it would be typed.
    var fallbackText: String { get }
    /// The default as `--help` says it, where that is not how it would be typed.
    var fallbackInWords: String? { get }
    var kind: SettingKind { get }
    /// The values, where there are but a few; for completion.
    var words: [String] { get }
    var isInFile: Bool { get }
    /// Whether a running server cannot change it.
    var needsRestart: Bool { get }
    /// What is wrong with a value as it is typed; nil when nothing is.
    func problem(withText text: String) -> String?
    /// What is wrong with a value of the file; nil when nothing is.
    func problem(with value: JSONValue) -> String?
}

extension AnySetting {
    /// The option as it is typed.
    var option: String { "--" + name }
    /// The key in the file: the name with `_` for `-`.
    var key: String { name.replacing("-", with: "_") }
    var variable: String { "KASPARRO_" + key.uppercased() }

    /// The file's value as it would be typed.
    func text(in node: ConfigurationNode) -> String? {
        Self.text(of: node.value, kind).map { kind == .file || kind == .directory ? node.text.resolved($0) : $0 }
    }

    static func text(of value: JSONValue, _ kind: SettingKind) -> String? {
        switch value.kind {
        case .bool(let value): kind == .flag ? "\(value)" : nil
        case .string: kind == .flag ? nil : value.string
        case .number: kind == .flag ? nil : String(decoding: value.rawBytes, as: UTF8.self)
        default: nil
        }
    }

    /// Whether somebody said what it is to be.
    func isGiven(_ configuration: Configuration) -> Bool { effective(configuration).origin != Self.defaultOrigin }

    private static var defaultOrigin: String { "default" }

    /// The value as it would be typed and where it comes from.
    func effective(_ configuration: Configuration) -> (text: String, origin: String) {
        if let given = configuration.options[key] { return (given, "option \(option)") }
        if let text = configuration.variable(variable) { return (text, "environment \(variable)") }
        if let node = configuration.node(key), let text = text(in: node) { return (text, node.origin) }
        return (fallbackText, Self.defaultOrigin)
    }

    // MARK: The option

    /// What the parser makes the option of.
    var argument: Any {
        let usual = fallbackInWords ?? (fallbackText.isEmpty ? "none" : fallbackText)
        let help = ArgumentHelp("\(help) (\(variable); default: \(usual))", valueName: valueName.isEmpty ? nil : valueName)
        if kind == .flag { return Flag(wrappedValue: false, name: .customLong(name), help: help) }
        return Option<String?>(name: .customLong(name), help: help, completion: completion)
    }

    private var completion: CompletionKind? {
        switch kind {
        case .file: .file()
        case .directory: .directory
        case .text, .number, .flag: words.isEmpty ? nil : .list(words)
        }
    }

    /// What was typed; nil when the option was not.
    func typed(in options: KeyedDecodingContainer<SettingKey>) throws -> String? {
        let key = SettingKey(stringValue: key)
        if kind == .flag { return try options.decode(Flag<Bool>.self, forKey: key).wrappedValue ? "true" : nil }
        return try options.decode(Option<String?>.self, forKey: key).wrappedValue
    }
}
