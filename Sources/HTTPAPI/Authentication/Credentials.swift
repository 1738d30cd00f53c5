/// What a client has to know, one or the other.
package struct Credentials: Sendable, Hashable {
    /// The shortest key for HS256: as long as its digest (RFC 7518 section 3.2).
    package static let minimumKeyBytes = 32

    /// The opaque token. nil or empty: none matches.
    package var token: String?
    /// The key that signs JSON Web Tokens. nil, or shorter than `minimumKeyBytes`: none is good.
    package var key: [UInt8]?

    package init(token: String? = nil, key: [UInt8]? = nil) {
        self.token = token
        self.key = key
    }
}

/// Where credentials come from; a protocol so that the rules are tested without files.
package protocol CredentialReading: Sendable {
    /// What is in force now. Blocks: call it through `ReadingPool`.
    func current() -> Credentials
}
