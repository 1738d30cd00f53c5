/// Why the bytes of a client are not taken as a request.
enum RequestViolation: Equatable, Sendable {
    /// Not the HTTP of RFC 9112, or something that two programs in a row could read differently.
    case malformed(String)
    /// HTTP of another version than 1.0 and 1.1.
    case version
    case requestLineTooLong
    case headersTooLarge
    case bodyTooLarge

    static let notHTTP = RequestViolation.malformed("is not HTTP")
}
