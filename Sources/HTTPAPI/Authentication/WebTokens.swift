import Crypto
import MarketData

/// JSON Web Tokens (RFC 7519) signed with one shared key and HS256 (RFC 7518 section 3.2).
///
/// One algorithm, one key, five claims: the signature is swift-crypto's, the rest is reading two JSON objects. A library for all of JOSE would
/// bring X.509, RSA and more megabytes than everything else that answers requests.
package struct WebTokens: Sendable {
    /// What the server expects beside a signature and a time.
    package struct Expectation: Sendable, Equatable {
        /// Whom a token must be for, and the only one that a token with `aud` may be for. nil: `kasparro`, and a token need not say.
        package var audience: String?
        /// Who must have made it; nil: anyone with the key.
        package var issuer: String?

        package init(audience: String? = nil, issuer: String? = nil) {
            self.audience = audience
            self.issuer = issuer
        }
    }

    enum Verdict: Equatable {
        case good(subject: String?)
        case expired
        case bad
    }

    /// How far the clocks of two machines may be apart, in seconds.
    static let leewaySeconds: Int64 = 60
    /// `aud` of tokens for a server that was not given a name of its own.
    package static let usualAudience = "kasparro"
    private static let longest = 4_096

    private let key: SymmetricKey
    private let expectation: Expectation

    /// nil: the key is shorter than `Credentials.minimumKeyBytes`.
    package init?(key: [UInt8], expectation: Expectation = Expectation()) {
        guard key.count >= Credentials.minimumKeyBytes else { return nil }
        self.expectation = expectation
        self.key = SymmetricKey(data: key)
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - seconds: how long it is good.
    package func mint(now: Int64, seconds: Int64, subject: String?) -> String {
        var claims = JSONWriter()
        claims.beginObject()
        claims.member("exp", now + seconds)
        claims.member("iat", now)
        claims.member("aud", expectation.audience ?? Self.usualAudience)
        if let issuer = expectation.issuer { claims.member("iss", issuer) }
        if let subject { claims.member("sub", subject) }
        claims.endObject()
        let signed = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)) + "." + Base64URL.encode(claims.bytes)
        let code = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: key)
        return signed + "." + Base64URL.encode(Array(code))
    }

    /// Judges a token.
    ///
    /// - Parameter now: seconds since 1970.
    func judge(_ token: String, now: Int64) -> Verdict {
        guard token.utf8.count <= Self.longest else { return .bad }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), Self.isOurs(header), let code = Base64URL.decode(String(parts[2])) else {
            return .bad
        }
        // Takes the same time for each wrong code.
        let signed = Array((parts[0] + "." + parts[1]).utf8)
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: key) else { return .bad }
        guard let claims = Self.object(parts[1]).flatMap(Claims.init) else { return .bad }
        let isForUs = claims.audiences.map { $0.contains(expectation.audience ?? Self.usualAudience) } ?? (expectation.audience == nil)
        guard isForUs, expectation.issuer == nil || claims.issuer == expectation.issuer else { return .bad }
        let (now, leeway) = (Double(now), Double(Self.leewaySeconds))
        if let start = claims.notBefore, start > now + leeway { return .bad }
        return claims.expires > now - leeway ? .good(subject: claims.subject) : .expired
    }

    /// The signature is checked with our algorithm whatever the token says; one that says something else, or asks for what we do not know
    /// (RFC 7515 section 4.1.11), was not meant for us. What it says in `kid` chooses nothing.
    private static func isOurs(_ header: JSONValue) -> Bool {
        guard header.member("alg")?.string == "HS256", header.member("crit") == nil else { return false }
        guard let type = header.member("typ") else { return true }
        return type.string?.lowercased() == "jwt"
    }

    private static func object(_ part: Substring) -> JSONValue? {
        guard let bytes = Base64URL.decode(String(part)), let value = try? JSONDocument(parsing: bytes).root, value.kind == .object else {
            return nil
        }
        return value
    }
}

/// What a token says. The names are those of RFC 7519 section 4.1.
private struct Claims {
    /// Seconds since 1970.
    var expires: Double
    var notBefore: Double?
    /// nil: it does not say.
    var audiences: [String]?
    var issuer: String?
    var subject: String?

    /// nil: without `exp`, or with a claim of another type than it must have.
    init?(_ object: JSONValue) {
        guard let expires = object.member("exp").flatMap(Self.seconds) else { return nil }
        self.expires = expires
        if let value = object.member("nbf") {
            guard let seconds = Self.seconds(value) else { return nil }
            notBefore = seconds
        }
        if let value = object.member("aud") {
            guard let names = Self.names(value) else { return nil }
            audiences = names
        }
        if let value = object.member("iss") {
            guard let text = value.string else { return nil }
            issuer = text
        }
        if let value = object.member("sub") {
            guard let text = value.string else { return nil }
            subject = text
        }
    }

    /// A NumericDate, which may have a fraction.
    private static func seconds(_ value: JSONValue) -> Double? {
        guard value.kind == .number, let seconds = Double(String(decoding: value.document.bytes[value.raw], as: UTF8.self)), seconds.isFinite else {
            return nil
        }
        return seconds
    }

    /// One name or a list of them.
    private static func names(_ value: JSONValue) -> [String]? {
        if let name = value.string { return [name] }
        guard value.kind == .array else { return nil }
        let names = value.elements.map(\.string)
        return names.contains(nil) ? nil : names.compactMap(\.self)
    }
}
