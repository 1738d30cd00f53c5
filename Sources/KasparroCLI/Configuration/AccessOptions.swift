import ArgumentParser
import HTTPAPI
import Telemetry
import TickerStore

/// Who may ask the server for what, and how much.
struct AccessOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "What needs the token: post, which changes something, or all, which is everything but /livez. (default: post)",
            valueName: "what"
        )
    )
    var auth: String?

    @OptionGroup var webTokens: WebTokenOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Proxies in front of the server, as addresses and networks: 10.0.0.1,10.1.0.0/16. They have no limit of their own, and what they "
                + "add to X-Forwarded-For says whose wrong tokens are counted. (default: none)",
            valueName: "addresses"
        )
    )
    var trustedProxy: String?

    @Option(name: .long, help: ArgumentHelp("Connections that may be open at once. (default: 1024)", valueName: "number"))
    var maxConnections: String?

    /// By the keys of the file.
    var given: [String: String?] {
        [
            "auth": auth, "jwt_audience": webTokens.jwtAudience, "jwt_issuer": webTokens.jwtIssuer, "trusted_proxy": trustedProxy,
            "max_connections": maxConnections,
        ]
    }

    func limits(_ configuration: Configuration) throws(CommandFailure) -> ServerLimits {
        var limits = ServerLimits()
        limits.connections = try Settings.maximumConnections.resolve(maxConnections, configuration)
        limits.trustedProxies = try Settings.trustedProxies.resolve(trustedProxy, configuration)
        return limits
    }

    func authenticator(
        _ source: CredentialFiles,
        _ limits: ServerLimits,
        _ configuration: Configuration,
        _ registry: PrometheusRegistry
    ) throws(CommandFailure) -> Authenticator {
        Authenticator(
            source: source,
            scope: try Settings.authentication.resolve(auth, configuration),
            expectation: try webTokens.expectation(configuration),
            trustedProxies: limits.trustedProxies,
            registry: registry,
            seconds: { currentMilliseconds() / 1_000 }
        )
    }
}

/// What stands in JSON Web Tokens, for those who check and those who make them.
struct WebTokenOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Whom a JSON Web Token must be for. (default: kasparro, and one that does not say is good too)", valueName: "name")
    )
    var jwtAudience: String?

    @Option(name: .long, help: ArgumentHelp("Who must have made a JSON Web Token. (default: anyone with the key)", valueName: "name"))
    var jwtIssuer: String?

    func expectation(_ configuration: Configuration) throws(CommandFailure) -> WebTokens.Expectation {
        WebTokens.Expectation(
            audience: try Settings.audience.resolve(jwtAudience, configuration),
            issuer: try Settings.issuer.resolve(jwtIssuer, configuration)
        )
    }
}

extension Settings {
    static let authentication = Setting(
        option: "--auth",
        variable: "KASPARRO_AUTH",
        fallback: AuthenticationScope.post,
        fallbackText: "post",
        parse: { AuthenticationScope(rawValue: $0.lowercased()) },
        expectation: "post or all is expected"
    )

    static let audience = name("--jwt-audience", "KASPARRO_JWT_AUDIENCE", fallbackText: WebTokens.usualAudience)
    static let issuer = name("--jwt-issuer", "KASPARRO_JWT_ISSUER", fallbackText: "")

    private static func name(_ option: String, _ variable: String, fallbackText: String) -> Setting<String?> {
        Setting(
            option: option,
            variable: variable,
            fallback: nil,
            fallbackText: fallbackText,
            parse: { (1...256).contains($0.utf8.count) ? .some($0) : nil },
            expectation: "a name of 1 to 256 bytes is expected"
        )
    }

    static let trustedProxies = Setting(
        option: "--trusted-proxy",
        variable: "KASPARRO_TRUSTED_PROXY",
        fallback: AddressList(),
        fallbackText: "",
        parse: { AddressList($0) },
        expectation: "addresses and networks with commas between them are expected, such as 10.0.0.1,10.1.0.0/16"
    )

    static let maximumConnections = Setting(
        option: "--max-connections",
        variable: "KASPARRO_MAX_CONNECTIONS",
        fallback: ServerLimits().connections,
        fallbackText: "\(ServerLimits().connections)",
        parse: { text in Int(text).flatMap { (16...100_000).contains($0) ? $0 : nil } },
        expectation: "a number from 16 to 100000 is expected"
    )
}
