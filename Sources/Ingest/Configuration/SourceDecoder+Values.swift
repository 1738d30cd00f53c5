import MarketData
import TickerStore

/// Values of headers and query parameters, and the secrets among them.
extension SourceDecoder {
    /// Largest file that is a secret.
    private static let largestSecret = 64 << 10

    /// The members of `query` or `headers`.
    mutating func values(_ key: String) -> [NamedText] {
        guard let members = section.section(key) else { return [] }
        var result: [NamedText] = []
        for name in members.names {
            guard let node = members[name] else { continue }
            if let value = value(of: node, name: name, in: key) { result.append(NamedText(name, value)) }
        }
        return result
    }

    private mutating func value(of node: ConfigurationNode, name: String, in key: String) -> String? {
        if node.value.kind == .object { return secret(node, in: key) }
        guard SecretName.isTelling(name) == false else {
            problems.add(at: node, "a secret does not belong into this file; write { env: \"NAME\" } or { file: \"PATH\" }")
            return nil
        }
        let text =
            switch node.value.kind {
            case .string: node.value.string
            case .number, .bool: String(decoding: node.json, as: UTF8.self)
            default: String?.none
            }
        guard let text else {
            problems.add(at: node, "text in quotes, { env: \"NAME\" } or { file: \"PATH\" } is expected")
            return nil
        }
        if key == "query", placeholders(in: node) == nil { return nil }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            problems.add(at: node, "a control character cannot be sent")
            return nil
        }
        return text
    }

    /// `{ env: "NAME" }` or `{ file: "PATH" }`, with or without a prefix.
    private mutating func secret(_ node: ConfigurationNode, in key: String) -> String? {
        let reference = ConfigurationSection(layers: [node], problems: problems)
        reference.refuseUnknown(ConfigurationKeys.keys(of: .secret))
        var prefix = ""
        if let text = reference["prefix"] {
            prefix = text.value.string ?? ""
            if text.value.string == nil { problems.add(at: text, "text in quotes is expected, such as \"Bearer \"") }
        }
        guard (reference["env"] == nil) != (reference["file"] == nil) else {
            problems.add(at: node, "one of env and file is expected: { env: \"NAME\" } or { file: \"PATH\" }")
            return nil
        }
        guard let (text, place) = reference["env"] != nil ? variable(reference) : file(reference) else { return nil }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            problems.add(at: place, "the secret has a line break or a control character in it")
            return nil
        }
        if key == "query", (try? URLTemplate.placeholders(text)) != [] {
            problems.add(at: place, "the secret has a brace in it, which a query cannot take; use a header")
            return nil
        }
        if text.utf8.count < Secrets.shortest {
            problems.add(.warning, at: place, "the secret is shorter than \(Secrets.shortest) bytes, so it is not masked in messages")
        }
        keep(secret: text)
        return prefix + text
    }

    private func variable(_ reference: ConfigurationSection) -> (String, ConfigurationNode)? {
        guard let node = reference["env"], let name = problems.string(node, "the name of an environment variable") else { return nil }
        guard let value = surroundings.variable(name) else {
            problems.add(at: node, "the environment variable \(name.prefix(100)) is not set")
            return nil
        }
        return (value, node)
    }

    private func file(_ reference: ConfigurationSection) -> (String, ConfigurationNode)? {
        guard let node = reference["file"], let name = problems.string(node, "the path of a file") else { return nil }
        let path = node.text.resolved(name)
        var bytes: [UInt8]
        do throws(FileError) {
            guard let contents = try surroundings.fileSystem.contents(path, limit: Self.largestSecret) else {
                throw FileError("open", path, FileError.notFound)
            }
            bytes = contents
        } catch {
            problems.add(at: node, "the secret cannot be read: \(error)")
            return nil
        }
        // As an editor or `echo` leaves it.
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else {
            problems.add(at: node, "the file \(path) is empty")
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.add(at: node, "the file \(path) is not UTF-8")
            return nil
        }
        if surroundings.isReadableByAll(path) {
            problems.add(.warning, at: node, "everybody on this machine may read \(path); take that right away: chmod 600")
        }
        return (text, node)
    }
}

/// Names of headers and query parameters that say that their value is a secret.
enum SecretName {
    private static let words: Set<String> = [
        "authorization", "auth", "token", "secret", "password", "passwd", "passphrase", "pwd", "key", "apikey", "cookie", "credential", "credentials",
        "signature", "bearer",
    ]
    private static let endings = ["apikey", "token", "secret", "password", "authorization", "accesskey", "privatekey"]

    /// Looks at whole words, so that `keywords` and `author` are none.
    static func isTelling(_ name: String) -> Bool {
        let lower = name.lowercased()
        let parts = lower.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let joined = parts.joined()
        return parts.contains(where: words.contains) || endings.contains(where: joined.hasSuffix)
    }
}
