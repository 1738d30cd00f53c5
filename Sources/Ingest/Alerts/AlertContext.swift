/// What alerts say about the program that sends them.
package struct AlertContext: Sendable {
    /// This machine's name.
    package var host: String
    /// The options that a command needs to see the same store, such as `--data-dir /var/lib/kasparro`; fit for a shell.
    package var options: String
    /// Where the API answers; nil: nowhere.
    package var url: String?
    /// Sent with requests: the program and its version.
    package var userAgent: String

    package init(host: String, options: String, userAgent: String) {
        // It becomes part of a Message-ID.
        self.host = String(
            String.UnicodeScalarView(
                host.unicodeScalars.filter { $0.isASCII && ($0.properties.isAlphabetic || "0123456789-.".unicodeScalars.contains($0)) }
            )
        )
        self.options = options
        self.userAgent = userAgent
    }
}
