import MarketData

/// Values of headers and query parameters, and the secrets among them.
extension SourceDecoder {
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

    private mutating func secret(_ node: ConfigurationNode, in key: String) -> String? {
        guard let reference = SecretReference(node, surroundings, problems) else { return nil }
        if key == "query", (try? URLTemplate.placeholders(reference.secret)) != [] {
            problems.add(at: reference.place, "the secret has a brace in it, which a query cannot take; use a header")
            return nil
        }
        keep(secret: reference.secret)
        return reference.prefix + reference.secret
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
