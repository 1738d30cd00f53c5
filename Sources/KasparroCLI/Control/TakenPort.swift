import Glibc
import HTTPAPI

/// Whether a server can listen at an address; asked before one is put together that would have to be taken apart again.
enum TakenPort {
    /// Binds a socket to the first address of the host's name, as the server will, and closes it. Blocks while a name is looked up.
    ///
    /// - Returns: nil also when something rare is wrong with the address: the server finds it out itself.
    static func refusal(of address: ListenAddress) -> CommandFailure? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, String(address.port), &hints, &found) == 0, let found else { return nil }
        defer { freeaddrinfo(found) }
        let descriptor = socket(found.pointee.ai_family, found.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // As the server's own: what a former server's connections leave behind for a minute is in nobody's way.
        var isReused: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) != 0 else { return nil }
        let place = "cannot serve on \(address.urlHost):\(address.port): "
        switch errno {
        case EADDRINUSE: return failure(address)
        case EADDRNOTAVAIL:
            return CommandFailure(
                .failure,
                place + "this machine has no such address; name one of its own, which `ip address` lists, 127.0.0.1 for this machine alone, "
                    + "or 0.0.0.0 for all of them"
            )
        case EACCES:
            return CommandFailure(
                .permission,
                place + "ports below 1024 are not for every user; choose another one, and put a proxy in front"
            )
        default: return nil
        }
    }

    /// What the user is told when another program listens there.
    static func failure(_ address: ListenAddress) -> CommandFailure {
        CommandFailure(
            .failure,
            "cannot serve on \(address.urlHost):\(address.port): another program listens there; "
                + "choose another port with --listen 127.0.0.1:PORT or PORT="
        )
    }
}
