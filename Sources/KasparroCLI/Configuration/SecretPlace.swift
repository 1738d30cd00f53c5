import HTTPAPI
import Ingest
import TickerStore

/// Where a secret of the server is.
enum SecretPlace: Equatable {
    /// In an environment variable.
    case variable(name: String, value: String)
    case file(String)

    /// The bearer token: `--token-file`, `KASPARRO_TOKEN`, `KASPARRO_TOKEN_FILE`, `token_file`, or `<data-dir>/token`, in this order.
    static func token(dataDirectory: String, _ configuration: Configuration) throws(CommandFailure) -> SecretPlace {
        if let file = configuration.options[Settings.tokenFile.key] { return .file(file) }
        if let variable = try variable("KASPARRO_TOKEN", configuration) { return variable }
        return .file(try Settings.tokenFile.resolve(configuration) ?? dataDirectory + "/token")
    }

    /// The key of JSON Web Tokens: `KASPARRO_JWT_SECRET`, or `<data-dir>/jwt.key`.
    static func key(dataDirectory: String, _ configuration: Configuration) throws(CommandFailure) -> SecretPlace {
        guard let variable = try variable("KASPARRO_JWT_SECRET", configuration) else { return .file(dataDirectory + "/jwt.key") }
        if case .variable(_, let value) = variable { try checkKey(value, variable) }
        return variable
    }

    /// - Throws: `CommandFailure` when the key is so short that it could be found by trying.
    static func checkKey(_ key: String, _ place: SecretPlace) throws(CommandFailure) {
        guard key.utf8.count >= Credentials.minimumKeyBytes else {
            let what = "the key \(place.origin) for JSON Web Tokens has \(count(key.utf8.count, "byte")); "
            let need = "at least \(Credentials.minimumKeyBytes) are needed"
            switch place {
            case .variable: throw CommandFailure(.usage, what + need)
            case .file: throw CommandFailure(.failure, what + need + "; " + keyCure)
            }
        }
    }

    /// What helps against a key that is none.
    static let keyCure = "remove the file, and kasparro token mint makes another"

    /// What helps when the text of the file is no secret.
    static func cure(_ path: String) -> String { path.hasSuffix("/jwt.key") ? keyCure : SecretFile.usualCure }

    /// A variable that is empty, or blank, is not set.
    private static func variable(_ name: String, _ configuration: Configuration) throws(CommandFailure) -> SecretPlace? {
        guard let text = configuration.environment[name], let value = try SecretFile.checked(Array(text.utf8), name, .usage) else { return nil }
        return .variable(name: name, value: value)
    }

    /// The secret; nil when its file is not there.
    func read(_ fileSystem: any FileSystem) throws(CommandFailure) -> String? {
        switch self {
        case .variable(_, let value): value
        case .file(let path): try SecretFile.read(path, fileSystem, cure: Self.cure(path))?.text
        }
    }

    /// A file that was named, and is not there: the server makes no token in it.
    static func missing(_ path: String) -> String {
        "there is no token in \(path); make one with: kasparro token rotate --token-file \(shellQuoted(path))"
    }

    /// The same for a start; a mistake of the configuration file when that names the token's file.
    static func missing(_ path: String, _ configuration: Configuration) -> CommandFailure {
        let message: String = missing(path)
        guard let node = tokenNode(configuration) else { return CommandFailure(.usage, message) }
        return CommandFailure(.badConfiguration, "\(node.origin): /\(Settings.tokenFile.key): \(message)")
    }

    /// Where the configuration file names the token's file; nil when something else says where the token is.
    static func tokenNode(_ configuration: Configuration) -> ConfigurationNode? {
        let key = Settings.tokenFile.key
        let isOverridden =
            configuration.options[key] != nil || configuration.variable(Settings.tokenFile.variable) != nil
            || configuration.variable("KASPARRO_TOKEN") != nil
        return isOverridden ? nil : configuration.node(key)
    }

    /// As a sentence says it.
    var origin: String {
        switch self {
        case .variable(let name, _): "from \(name)"
        case .file(let path): "in \(path)"
        }
    }
}
