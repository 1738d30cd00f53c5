import Glibc
import HTTPAPI

/// Whether another program listens at an address; asked before a server is put together that would have to be taken apart again.
enum TakenPort {
    /// Binds a socket to the first address of the host's name, as the server will, and closes it. Blocks while a name is looked up.
    ///
    /// - Returns: false also when something else is wrong with the address: the server finds it out itself.
    static func isTaken(_ address: ListenAddress) -> Bool {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard address.port != 0, getaddrinfo(address.host, String(address.port), &hints, &found) == 0, let found else { return false }
        defer { freeaddrinfo(found) }
        let descriptor = socket(found.pointee.ai_family, found.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As the server's own: what a former server's connections leave behind for a minute is in nobody's way.
        var isReused: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
        return bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) != 0 && errno == EADDRINUSE
    }

    /// What the user is told.
    static func failure(_ address: ListenAddress) -> CommandFailure {
        CommandFailure(
            .failure,
            "cannot serve on \(address.urlHost):\(address.port): another program listens there; "
                + "choose another port with --listen 127.0.0.1:PORT or PORT="
        )
    }
}
