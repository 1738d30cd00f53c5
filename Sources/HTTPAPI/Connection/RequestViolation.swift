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

/// How a request's body is framed.
enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
}

/// What the server must know of a request's head before anything else reads it.
struct RequestFacts: Equatable, Sendable {
    /// The `0` of HTTP/1.0 or the `1` of HTTP/1.1.
    var minorVersion = 1
    var body = BodyFraming.none
    /// Whether the client means to send another request on the connection.
    var isPersistent = true
}
