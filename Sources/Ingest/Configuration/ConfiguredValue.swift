import MarketData
import Transfer

/// One value that a configuration comes to, and where it came from; secrets are not in it, only the names of their places.
package struct ConfiguredValue: Sendable, Equatable {
    /// `sources.coingecko.quota.per_minute`
    package var path: String
    /// As JSON.
    package var json: [UInt8]
    /// `kasparro.conf:4`, `environment NAME`, `default`.
    package var origin: String

    package init(path: String, json: [UInt8], origin: String) {
        self.path = path
        self.json = json
        self.origin = origin
    }

    private static let merged: Set<String> = ["query", "headers", "quota", "fields", "constants", "patterns", "schema"]

    /// The members of a section, objects that are merged taken apart.
    ///
    /// - Parameters:
    ///   - url: what the environment puts in the place of the URL.
    ///   - variable: where that comes from.
    static func list(_ section: ConfigurationSection, path: String, url: String?, variable: String?) -> [ConfiguredValue] {
        section.names.flatMap { name -> [ConfiguredValue] in
            let ownPath = path + "." + name
            if name == "url", let url, let variable {
                return [ConfiguredValue(path: ownPath, json: string(redacted(url: url)), origin: "environment \(variable)")]
            }
            if name == "query", url?.contains("?") == true { return [] }
            if merged.contains(name), let inner = section.section(name, isQuiet: true) {
                return inner.names.compactMap { key in
                    inner[key].map { ConfiguredValue(path: ownPath + "." + key, json: shown($0, key, in: name), origin: origin(of: $0)) }
                }
            }
            return section[name].map { [ConfiguredValue(path: ownPath, json: shown($0, name, in: nil), origin: origin(of: $0))] } ?? []
        }
    }

    private static func origin(of node: ConfigurationNode) -> String {
        node.text === BuiltInSources.configuration ? "default" : node.origin
    }

    /// A literal in the place of a secret is refused, but the refusal must not show it either.
    private static func shown(_ node: ConfigurationNode, _ name: String, in object: String?) -> [UInt8] {
        if object == nil, name == "url", let text = node.value.string { return string(redacted(url: text)) }
        if object == "query" || object == "headers", node.value.kind != .object, SecretName.isTelling(name) { return string("***") }
        return node.json
    }

    private static func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONText.appendEscaped(text, to: &bytes)
        return bytes
    }
}
