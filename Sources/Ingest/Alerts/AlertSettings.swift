package import Transfer

/// Where alerts go (spec section 8). A channel that is nil is off.
package struct AlertSettings: Sendable, Equatable {
    package struct Email: Sendable, Equatable {
        package var server: MailServer
        /// nil: the server takes mail without a login.
        package var login: MailRequest.Login?
        package var sender: String
        /// At least one.
        package var recipients: [String]
    }

    package var email: Email?
    /// Takes a JSON object for each alert. A secret, but for its host.
    package var webhookURL: String?
    /// Asked after each run that succeeded. A secret, but for its host.
    package var heartbeatURL: String?
    /// A PEM file of the authorities that are trusted; nil: those of `SSL_CERT_FILE` or of this system.
    package var certificateFile: String?
    /// For one delivery, everything included.
    var timeout = Duration.seconds(30)

    package init() {}

    package var isOff: Bool { email == nil && webhookURL == nil && heartbeatURL == nil }

    /// The channels that take alerts.
    var channels: [AlertChannel] { (email == nil ? [] : [.email]) + (webhookURL == nil ? [] : [.webhook]) }

    /// Everything that is on.
    package var allChannels: [AlertChannel] { channels + (heartbeatURL == nil ? [] : [.heartbeat]) }

    /// One line without secrets, for the banner.
    package var inWords: String {
        var parts: [String] = []
        if let email { parts.append("e-mail to \(email.recipients.joined(separator: ", ")) by \(email.server.endpoint)") }
        if let webhookURL { parts.append("webhook \(Self.host(of: webhookURL))") }
        if let heartbeatURL { parts.append("heartbeat \(Self.host(of: heartbeatURL))") }
        return parts.isEmpty ? "off (set ALERT_EMAIL_TO or ALERT_WEBHOOK_URL)" : parts.joined(separator: ", ")
    }

    /// What may be shown of a URL whose path is a secret.
    static func host(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return "?" }
        let authority = url[scheme.upperBound...].prefix { !"/?#\\".contains($0) }
        return String(authority[(authority.lastIndex(of: "@").map { authority.index(after: $0) } ?? authority.startIndex)...])
    }
}

/// A way out of the program; the label of `kasparro_alerts_sent_total`.
package enum AlertChannel: String, Sendable, CaseIterable {
    case email, webhook, heartbeat

    /// As messages call it.
    var inWords: String { self == .email ? "e-mail" : rawValue }
}
