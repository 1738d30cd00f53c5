import MarketData
import Transfer

/// Reads single values of the alerts from the environment or the file, and keeps what is to be said about them.
struct AlertReader {
    enum Key: String {
        case emailTo = "email_to"
        case emailUser = "email_user"
        case emailPassword = "email_pass"
        case emailFrom = "email_from"
        case smtpURL = "smtp_url"
        case webhookURL = "webhook_url"
        case heartbeatURL = "heartbeat_url"

        var variable: String { "ALERT_" + rawValue.uppercased() }
        /// Both ways to set it, for messages.
        var names: String { "\(variable) (in a file: alerts.\(rawValue))" }
    }

    /// A value, and what says so.
    struct Given {
        var key: Key
        var text: String
        /// nil: the environment.
        var node: ConfigurationNode?
    }

    let section: ConfigurationSection?
    let surroundings: ConfigurationSurroundings
    private(set) var secrets = Secrets()
    private(set) var values: [ConfiguredValue] = []
    private(set) var variableProblems: [String] = []
    /// Whether nothing was told about what was read.
    private(set) var isGood = true

    /// Paths that are no longer than this are no secrets, and could be found in ordinary text.
    private static let longestPlainPath = 12

    init(section: ConfigurationSection?, surroundings: ConfigurationSurroundings) {
        self.section = section
        self.surroundings = surroundings
    }

    mutating func tell(_ given: Given, _ message: String) {
        isGood = false
        if let node = given.node {
            section?.problems.add(at: node, message)
        } else {
            variableProblems.append("\(given.key.variable): \(message)")
        }
    }

    /// nil when it is not given, or told to be wrong.
    mutating func text(_ key: Key) -> Given? {
        if let text = surroundings.variable(key.variable) {
            let given = Given(key: key, text: text, node: nil)
            show(key.rawValue, shown(given), "environment \(key.variable)")
            guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                tell(given, "there is a line break or a control character in it")
                return nil
            }
            return given
        }
        guard let section, let node = section[key.rawValue] else { return nil }
        guard let text = node.value.kind == .object ? reference(node) : literal(node, key) else {
            isGood = false
            return nil
        }
        let given = Given(key: key, text: text, node: node)
        show(key.rawValue, shown(given), node.origin)
        return given
    }

    /// Several values, which a file may also write as an array; joined with commas.
    mutating func list(_ key: Key) -> Given? {
        guard surroundings.variable(key.variable) == nil, let section, let node = section[key.rawValue], node.value.kind == .array else {
            return text(key)
        }
        let elements = section.strings(key.rawValue) ?? []
        guard !elements.isEmpty, elements.count == node.elements.count else {
            if node.elements.isEmpty { section.problems.add(at: node, "at least one is expected") }
            isGood = false
            return nil
        }
        let given = Given(key: key, text: elements.compactMap(\.value.string).joined(separator: ","), node: node)
        show(key.rawValue, given.text, node.origin)
        return given
    }

    private mutating func reference(_ node: ConfigurationNode) -> String? {
        guard let section, let reference = SecretReference(node, surroundings, section.problems) else { return nil }
        return reference.prefix + reference.secret
    }

    private func literal(_ node: ConfigurationNode, _ key: Key) -> String? {
        guard let section else { return nil }
        if key == .emailPassword {
            section.problems.add(at: node, "a secret does not belong into this file; write { env: \"NAME\" } or { file: \"PATH\" }")
            return nil
        }
        guard let text = section.problems.string(node, "text in quotes, { env: \"NAME\" } or { file: \"PATH\" }") else { return nil }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            section.problems.add(at: node, "there is a line break or a control character in it")
            return nil
        }
        return text
    }

    // MARK: Secrets

    /// As it is, and as SMTP sends it (RFC 4616, RFC 4954).
    mutating func keep(password: String, of user: String?) {
        secrets.add(password)
        if let user { secrets.add("\0\(user)\0\(password)") }
    }

    /// Whoever has the path of such a URL may send to it.
    mutating func keep(url: String) {
        secrets.add(userInfoOf: url)
        guard let scheme = url.firstRange(of: "://"), let slash = url[scheme.upperBound...].firstIndex(where: { "/?".contains($0) }) else { return }
        let path = url[slash...]
        for part in [path] + path.split(whereSeparator: { "/?&=".contains($0) }) where part.utf8.count > Self.longestPlainPath {
            secrets.add(String(part))
        }
    }

    // MARK: Values that may be seen

    mutating func show(_ key: String, _ text: String, _ origin: String) {
        var json: [UInt8] = []
        JSONText.appendEscaped(text, to: &json)
        values.append(ConfiguredValue(path: "alerts.\(key)", json: json, origin: origin))
    }

    private func shown(_ given: Given) -> String {
        switch given.key {
        case .emailPassword: "***"
        case .webhookURL, .heartbeatURL: Fetcher.canFetch(url: given.text) ? "\(AlertSettings.host(of: given.text))/***" : "***"
        case .smtpURL: redacted(url: given.text)
        case .emailTo, .emailUser, .emailFrom: given.text
        }
    }
}
