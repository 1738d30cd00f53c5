import ArgumentParser
import HTTPAPI
import Telemetry
import TickerStore

/// Who may ask the server for what, and how much.
enum AccessSettings: SettingFamily {
    static let settings: [any AnySetting] =
        [Settings.authentication] + WebTokenSettings.settings + [Settings.trustedProxies, Settings.maximumConnections]
}

/// What stands in JSON Web Tokens, for those who check and those who make them.
enum WebTokenSettings: SettingFamily {
    static let settings: [any AnySetting] = [Settings.audience, Settings.issuer]
}

typealias AccessOptions = SettingOptions<AccessSettings>
typealias WebTokenOptions = SettingOptions<WebTokenSettings>

extension Settings {
    static let authentication = Setting(
        name: "auth",
        help: "What needs the token: post, which changes something, or all, which is everything but /livez.",
        valueName: "what",
        fallback: AuthenticationScope.post,
        fallbackText: "post",
        words: ["post", "all"],
        needsRestart: true,
        parse: { AuthenticationScope(rawValue: $0.lowercased()) },
        expectation: "post or all is expected"
    )

    static let audience = name(
        "jwt-audience",
        help: "Whom a JSON Web Token must be for.",
        fallbackText: WebTokens.usualAudience,
        inWords: "\(WebTokens.usualAudience), and one that does not say is good too"
    )

    static let issuer = name("jwt-issuer", help: "Who must have made a JSON Web Token.", fallbackText: "", inWords: "anyone with the key")

    private static func name(_ name: String, help: String, fallbackText: String, inWords: String) -> Setting<String?> {
        Setting(
            name: name,
            help: help,
            valueName: "name",
            fallback: nil,
            fallbackText: fallbackText,
            fallbackInWords: inWords,
            needsRestart: true,
            parse: { (1...256).contains($0.utf8.count) ? .some($0) : nil },
            expectation: "a name of 1 to 256 bytes is expected"
        )
    }

    static let trustedProxies = Setting(
        name: "trusted-proxy",
        help:
            "Proxies in front of the server, as addresses and networks: 10.0.0.1,10.1.0.0/16. They have no limit of their own, and what they add to "
            + "X-Forwarded-For says whose wrong tokens are counted.",
        valueName: "addresses",
        fallback: AddressList(),
        fallbackText: "",
        needsRestart: true,
        parse: { AddressList($0) },
        expectation: "addresses and networks with commas between them are expected, such as 10.0.0.1,10.1.0.0/16"
    )

    static let maximumConnections = Setting(
        name: "max-connections",
        help: "Connections that may be open at once.",
        valueName: "number",
        fallback: ServerLimits().connections,
        fallbackText: "\(ServerLimits().connections)",
        kind: .number,
        needsRestart: true,
        parse: { text in Int(text).flatMap { (16...100_000).contains($0) ? $0 : nil } },
        expectation: "a number from 16 to 100000 is expected"
    )
}

extension ServerLimits {
    init(_ configuration: Configuration) throws(CommandFailure) {
        self.init()
        connections = try Settings.maximumConnections.resolve(configuration)
        trustedProxies = try Settings.trustedProxies.resolve(configuration)
    }
}

extension WebTokens.Expectation {
    init(_ configuration: Configuration) throws(CommandFailure) {
        self.init(audience: try Settings.audience.resolve(configuration), issuer: try Settings.issuer.resolve(configuration))
    }
}

extension Authenticator {
    convenience init(
        _ source: any CredentialReading,
        _ limits: ServerLimits,
        _ configuration: Configuration,
        _ registry: PrometheusRegistry
    ) throws(CommandFailure) {
        self.init(
            source: source,
            scope: try Settings.authentication.resolve(configuration),
            expectation: try WebTokens.Expectation(configuration),
            trustedProxies: limits.trustedProxies,
            registry: registry,
            seconds: { currentMilliseconds() / 1_000 }
        )
    }
}
