import CCurl

/// A URL of a few schemes, http and https unless said otherwise, taken apart by libcurl's own parser, so that what is checked is what is
/// connected to.
struct WebAddress: Sendable {
    enum Problem: Error {
        case malformed(reason: String)
        case unsupportedScheme(String)
    }

    /// The whole URL, normalised, without a fragment.
    let url: String
    let scheme: String
    /// Lower case; an IPv6 literal has its brackets; numeric forms such as `127.1` are written out.
    let host: String
    let port: Int

    /// `host:port` as messages name it.
    var endpoint: String { "\(host):\(port)" }

    /// - Parameter schemes: those that it may have, with the ports that they stand for.
    init(_ text: String, schemes: [String: Int] = web) throws(Problem) {
        try self.init(resolving: text, against: nil, flags: 0, schemes: schemes)
    }

    private static let web = ["http": 80, "https": 443]

    /// The target of a `Location` header, which may be relative and, in practice, holds blanks and raw UTF-8.
    init(location: String, from base: WebAddress) throws(Problem) {
        try self.init(resolving: location, against: base.url, flags: UInt32(CURLU_URLENCODE), schemes: Self.web)
    }

    private init(resolving text: String, against base: String?, flags: UInt32, schemes: [String: Int]) throws(Problem) {
        // A NUL would cut the C string and so hide what follows from the parser.
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw .malformed(reason: "it holds a control character")
        }
        guard let handle = curl_url() else { throw .malformed(reason: "out of memory") }
        defer { curl_url_cleanup(handle) }
        if let base {
            try Self.set(base, on: handle, flags: 0)
        } else {
            guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw .malformed(reason: "it holds a blank or a character outside ASCII; percent-encode it")
            }
        }
        try Self.set(text, on: handle, flags: flags)
        guard let scheme = Self.part(CURLUPART_SCHEME, of: handle)?.lowercased() else { throw .malformed(reason: "it has no scheme") }
        guard let usualPort = schemes[scheme] else { throw .unsupportedScheme(scheme) }
        guard let host = Self.part(CURLUPART_HOST, of: handle)?.lowercased(), !host.isEmpty else {
            throw .malformed(reason: "it has no host")
        }
        let port = Self.part(CURLUPART_PORT, of: handle).flatMap { Int($0) } ?? usualPort
        _ = curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
        guard let url = Self.part(CURLUPART_URL, of: handle) else { throw .malformed(reason: "it cannot be written out") }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.url = url
    }

    /// Scheme, host and port (RFC 6454 section 4): what credentials are bound to.
    func hasSameOrigin(as other: WebAddress) -> Bool {
        scheme == other.scheme && hasSameHostAndPort(as: other)
    }

    func hasSameHostAndPort(as other: WebAddress) -> Bool {
        host == other.host && port == other.port
    }

    private static func set(_ text: String, on handle: OpaquePointer, flags: UInt32) throws(Problem) {
        // Unknown schemes are let through here, to be refused by name afterwards.
        let code = curl_url_set(handle, CURLUPART_URL, text, flags | UInt32(CURLU_NON_SUPPORT_SCHEME))
        guard code == CURLUE_OK else { throw .malformed(reason: String(cString: curl_url_strerror(code)).lowercased()) }
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
