import Synchronization

/// How many connections are open, in all and from each address.
final class ConnectionCensus: Sendable {
    /// What a new connection may do.
    enum Admission {
        /// Everything.
        case ordinary
        /// Ask `/livez`, soon: it has one of the last places, which are kept for whoever looks after the process.
        case restricted
        /// Nothing; it is closed at once.
        case refused
    }

    private struct State {
        var total = 0
        var byAddress: [ClientAddress: Int] = [:]
    }

    private let limits: ServerLimits
    private let state = Mutex(State())

    init(limits: ServerLimits) {
        self.limits = limits
    }

    /// Connections that are open now.
    var count: Int { state.withLock { $0.total } }

    /// Counts a new connection. Unless it is refused, `release` must follow.
    ///
    /// Addresses of this machine, of trusted proxies and of unix sockets (nil) have no limit of their own.
    func admit(_ address: ClientAddress?) -> Admission {
        let client = counted(address)
        return state.withLock { state in
            let siblings = client.map { state.byAddress[$0] ?? 0 } ?? 0
            guard state.total < limits.connections, siblings < limits.connectionsPerAddress + limits.reservedConnections else { return .refused }
            state.total += 1
            if let client { state.byAddress[client] = siblings + 1 }
            let isCrowded = client != nil && siblings >= limits.connectionsPerAddress
            return isCrowded || state.total > limits.connections - limits.reservedConnections ? .restricted : .ordinary
        }
    }

    /// A connection that was admitted is closed.
    func release(_ address: ClientAddress?) {
        let client = counted(address)
        state.withLock { state in
            state.total -= 1
            guard let client, let siblings = state.byAddress[client] else { return }
            state.byAddress[client] = siblings > 1 ? siblings - 1 : nil
        }
    }

    private func counted(_ address: ClientAddress?) -> ClientAddress? {
        guard let address, !address.isLoopback, !limits.trustedProxies.contains(address) else { return nil }
        return address.client
    }
}
