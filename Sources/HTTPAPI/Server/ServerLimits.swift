/// What one client may ask of the server (spec section 9, Limits). Times are in seconds.
package struct ServerLimits: Sendable {
    /// The longest request line, in bytes; a longer one is answered with 414.
    package var requestLineBytes = 8 * 1024
    /// All header fields together, in bytes; more is answered with 431.
    package var headerBytes = 16 * 1024
    /// The number of header fields; more is answered with 431.
    package var headerFields = 100
    /// The longest request body, in bytes; a longer one is answered with 413.
    package var bodyBytes = 1024 * 1024
    /// Open connections. Above it new ones wait in the listen queue.
    package var connections = 1024
    /// How many of them may ask nothing but `/livez`: with all others taken, the process can still be looked at.
    package var reservedConnections = 8
    /// Open connections from one address (IPv6: from one /64). Loopback and trusted proxies have no such limit.
    package var connectionsPerAddress = 64
    /// Proxies in front of this server: no limit per address, and the last element of their `X-Forwarded-For` says who failed to log in.
    package var trustedProxies = AddressList()
    /// From accepting a connection, or from the first byte of a later request, to the end of its head.
    package var headSeconds = 10
    /// The same for a connection that may ask only `/livez`.
    package var restrictedHeadSeconds = 2
    /// A connection on which no request is under way for so long is closed.
    package var idleSeconds = 60
    /// From the end of a request's head to the end of its body.
    package var bodySeconds = 30
    /// From the end of a request's head to the beginning of its answer, but for routes that wait or stream. nil: no limit.
    package var pageSeconds: Int? = 30
    /// A client that reads less than `stallBytes` of its answer in so long is cut off.
    package var stallSeconds = 30
    /// See `stallSeconds`.
    package var stallBytes = 16 * 1024
    /// After the last answer of a connection, how long its client may take to close it: closing first could destroy what it has not read yet
    /// (RFC 9112 section 9.6).
    package var lingerSeconds = 2
    /// While the server stops, how long an incomplete request or an unread answer may hold it up.
    package var drainSeconds = 3

    /// The defaults above.
    package init() {}

    /// For the control socket: its clients are this program's own commands, whose requests may take hours.
    package static var control: ServerLimits {
        var limits = ServerLimits()
        // More wait in the listen queue.
        limits.connections = 16
        limits.reservedConnections = 0
        limits.pageSeconds = nil
        // `kasparro export | less` waits as long as somebody reads.
        limits.stallSeconds = 86_400
        return limits
    }
}
