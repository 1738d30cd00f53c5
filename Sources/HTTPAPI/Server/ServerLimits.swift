/// What one client may ask of the server.
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
    /// A connection that neither sends nor is being answered for so long is closed.
    package var idleSeconds = 60

    /// The defaults above.
    package init() {}
}
