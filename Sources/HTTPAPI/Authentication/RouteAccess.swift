/// Who may use a route.
enum RouteAccess: Sendable {
    /// Everyone, always: what restarts a process that hangs must not need a token.
    case everyone
    /// Everyone, unless the server is set up to ask all clients for a token.
    case open
    /// Whoever has a token.
    case token
}

/// Which routes ask for a token.
package enum AuthenticationScope: String, CaseIterable, Sendable {
    /// Those that change something.
    case post
    /// Every one but `/livez`.
    case all

    func covers(_ access: RouteAccess) -> Bool {
        switch access {
        case .everyone: false
        case .open: self == .all
        case .token: true
        }
    }
}
