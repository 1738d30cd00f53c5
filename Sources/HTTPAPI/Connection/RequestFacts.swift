/// What the server must know of a request's head before anything else reads it.
struct RequestFacts: Equatable, Sendable {
    /// The `0` of HTTP/1.0 or the `1` of HTTP/1.1.
    var minorVersion = 1
    var body = BodyFraming.none
    /// Whether the client means to send another request on the connection.
    var isPersistent = true
}

/// How a request's body is framed.
enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
}
