import Crypto
import HTTPTypes

/// The opaque bearer token (RFC 6750).
struct BearerToken: Sendable {
    private let digest: SHA256Digest
    /// Whether nobody finds it by trying, however often: so long as 128 random bits in hexadecimal.
    let isUnguessable: Bool

    /// nil: there is no token.
    init?(_ token: String?) {
        guard let token, !token.isEmpty else { return nil }
        digest = SHA256.hash(data: Array(token.utf8))
        isUnguessable = token.utf8.count >= 32
    }

    /// Compares digests, which are of one length whatever is given, and takes as long for a wrong first byte as for a wrong last one: the
    /// token cannot be found byte by byte.
    func matches(_ given: String) -> Bool {
        var difference: UInt8 = 0
        for (one, other) in zip(SHA256.hash(data: Array(given.utf8)), digest) { difference |= one ^ other }
        return difference == 0
    }

    /// What a request has in `Authorization: Bearer`. The scheme's name has no case; nothing behind it is no token.
    static func given(in headers: HTTPFields) -> String? {
        guard let value = headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }
}
