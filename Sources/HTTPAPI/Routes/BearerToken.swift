import HTTPTypes

/// The bearer token of routes that change something (RFC 6750).
struct BearerToken: Sendable {
    /// nil or empty: nothing matches.
    let expected: String?

    /// Throws a 401 unless `Authorization: Bearer TOKEN` is there and right.
    func check(_ headers: HTTPFields) throws(Problem) {
        guard let given = Self.token(in: headers) else {
            throw Self.unauthorized(
                "This route needs a token: send `Authorization: Bearer TOKEN`.",
                challenge: "Bearer"
            )
        }
        guard let expected, !expected.isEmpty, Self.equal(Array(given.utf8), Array(expected.utf8)) else {
            throw Self.unauthorized("The token is not the right one.", challenge: "Bearer error=\"invalid_token\"")
        }
    }

    /// The scheme's name is compared without case; an empty token is none.
    private static func token(in headers: HTTPFields) -> String? {
        guard let value = headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let token = parts[1].drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }

    /// Takes as long for a wrong first byte as for a wrong last one, so that the token cannot be guessed byte by byte.
    static func equal(_ given: [UInt8], _ expected: [UInt8]) -> Bool {
        guard !expected.isEmpty else { return false }
        var difference = given.count ^ expected.count
        for index in given.indices { difference |= Int(given[index] ^ expected[index % expected.count]) }
        return difference == 0
    }

    private static func unauthorized(_ reason: String, challenge: String) -> Problem {
        Problem(
            .unauthorized,
            code: "unauthorized",
            detail: reason
                + " The token is the one the server was started with, or else the content of the file `token` in "
                + "its data directory.",
            headers: [.wwwAuthenticate: challenge]
        )
    }
}
