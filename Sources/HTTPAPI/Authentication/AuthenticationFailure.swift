import HTTPTypes

/// Why somebody was not let in; also the values of a metric's label.
enum AuthenticationFailure: String, CaseIterable, Sendable {
    case missing
    case wrong
    case expired
    /// Wrong too often.
    case throttled
}

extension Problem {
    /// 401, or 429 when the address was wrong too often.
    ///
    /// - Parameter wait: seconds until it may try again.
    init(_ failure: AuthenticationFailure, wait: Int? = nil) {
        let place = " The token is the one the server was started with, or else the content of the file `token` in its data directory."
        switch failure {
        case .missing:
            // RFC 6750 section 3.1: no error code when nothing was sent.
            self = .unauthorized("This route needs a token: send `Authorization: Bearer TOKEN`." + place, "Bearer")
        case .wrong:
            self = .unauthorized("The token is not the right one." + place, #"Bearer error="invalid_token""#)
        case .expired:
            self = .unauthorized(
                "The token has expired. `kasparro token mint` makes a new one.",
                #"Bearer error="invalid_token", error_description="expired""#
            )
        case .throttled:
            self.init(
                .tooManyRequests,
                code: "too_many_failures",
                detail: "Too many wrong tokens came from your address. Try again in \(wait ?? 1) seconds.",
                headers: [.retryAfter: "\(wait ?? 1)"]
            )
        }
    }

    private static func unauthorized(_ detail: String, _ challenge: String) -> Problem {
        Problem(.unauthorized, code: "unauthorized", detail: detail, headers: [.wwwAuthenticate: challenge])
    }
}
