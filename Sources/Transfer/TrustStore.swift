import Glibc

/// Finds the CA bundle at run time: the static binary is built on one distribution and runs on any.
enum TrustStore {
    /// Where distributions keep the bundle: Debian and Alpine, Fedora and RHEL, openSUSE, older RHEL, and others.
    static let usualPaths = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/cacert.pem",
        "/etc/ssl/cert.pem",
    ]

    enum Answer: Equatable {
        case bundle(path: String)
        /// Fit for an error message.
        case missing(explanation: String)
    }

    /// The source's own file where it has one, else `SSL_CERT_FILE` where that is set, and then nothing else: a bundle that the operator
    /// chose is not silently replaced.
    static func locate(
        chosen: String? = nil,
        environment: (String) -> String? = ProxySettings.environmentVariable,
        isReadable: (String) -> Bool = { access($0, R_OK) == 0 }
    ) -> Answer {
        if let (path, origin) = chosen.map({ ($0, "ca_file") }) ?? environment("SSL_CERT_FILE").map({ ($0, "SSL_CERT_FILE") }) {
            return isReadable(path) ? .bundle(path: path) : .missing(explanation: "\(origin) names \(path), which cannot be read; correct it")
        }
        if let path = usualPaths.first(where: isReadable) { return .bundle(path: path) }
        return .missing(
            explanation: "no CA bundle was found in the usual places; install the ca-certificates package"
                + " or set SSL_CERT_FILE to a PEM file of trusted certificates"
        )
    }
}
