/// Where mail is handed in, from a URL: `smtp://host[:587]`, where the connection turns to TLS with STARTTLS (RFC 3207), or
/// `smtps://host[:465]`, where it begins with TLS (RFC 8314).
package struct MailServer: Sendable, Equatable {
    /// Fit for a log.
    package let host: String
    package let port: Int
    /// Whether the connection begins with TLS.
    package let isSecure: Bool
    /// Whether it is this machine, so that mail may go in the clear.
    package let isLoopback: Bool

    /// Why a URL is none of a mail server; does not repeat the URL.
    package struct Problem: Error, Equatable {
        package let reason: String
    }

    /// The ports of submission (RFC 6409, RFC 8314), not those between servers.
    private static let schemes = ["smtp": 587, "smtps": 465]

    package init(url: String) throws(Problem) {
        let address: WebAddress
        do throws(WebAddress.Problem) {
            address = try WebAddress(url, schemes: Self.schemes)
        } catch {
            switch error {
            case .malformed(let reason): throw Problem(reason: "it cannot be used: \(reason)")
            case .unsupportedScheme(let scheme): throw Problem(reason: "its scheme is \(scheme)")
            }
        }
        guard let scheme = url.firstRange(of: "://") else { throw Problem(reason: "it has no scheme") }
        let authority = url[scheme.upperBound...].prefix { !"/?#\\".contains($0) }
        if authority.contains("@") { throw Problem(reason: "user and password do not belong into it") }
        let rest = url[authority.endIndex...]
        guard rest.isEmpty || rest == "/" else { throw Problem(reason: "nothing can stand behind host and port") }
        host = address.host
        port = address.port
        isSecure = address.scheme == "smtps"
        isLoopback = ProxySettings.isLoopback(address.host)
    }

    /// `host:port` as messages name it.
    package var endpoint: String { "\(host):\(port)" }

    var url: String { "\(isSecure ? "smtps" : "smtp")://\(endpoint)" }
}
