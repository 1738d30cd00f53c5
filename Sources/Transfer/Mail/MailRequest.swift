/// One message on its way to a mail server.
package struct MailRequest: Sendable {
    package var server: MailServer
    /// nil: the server takes mail without a login.
    package var login: Login?
    /// An address without a name, as in `MAIL FROM` (RFC 5321).
    package var sender: String
    /// Addresses without names, at least one.
    package var recipients: [String]
    /// The whole message (RFC 5322), its lines ended by CRLF.
    package var message: [UInt8]
    /// A PEM file of the authorities that are trusted; nil: those of `SSL_CERT_FILE` or of this system.
    package var certificateFile: String?
    /// For everything, the name's resolution included.
    package var totalTimeout: Duration = .seconds(30)
    /// For one answer of the server, that to QUIT included, which nothing else would end. Whole seconds.
    package var answerTimeout: Duration = .seconds(20)

    /// What the mail server asks for before it takes a message.
    package struct Login: Sendable, Equatable {
        package var user: String
        package var password: String

        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    package init(server: MailServer, login: Login?, sender: String, recipients: [String], message: [UInt8], certificateFile: String? = nil) {
        self.server = server
        self.login = login
        self.sender = sender
        self.recipients = recipients
        self.message = message
        self.certificateFile = certificateFile
    }

    /// In the clear only to this machine, and never a password.
    var needsTLS: Bool { login != nil || !server.isLoopback || server.isSecure }
}

/// Why a mail was not taken. `description` is fit for an operator; a server's own words in it may be anything, the password too.
package struct MailError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a caller may want to tell apart.
    package enum Kind: String, Sendable {
        /// No connection, or it broke.
        case network
        case timeout
        /// No encryption was offered, or the certificate was not accepted.
        case tls
        /// User or password are not right.
        case login
        /// The server does not want this mail.
        case refused
        case cancelled
        /// libcurl could not be set up, or an address cannot be sent.
        case internalFailure
    }

    package let kind: Kind
    package let description: String
}
