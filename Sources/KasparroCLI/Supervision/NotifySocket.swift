import Glibc

/// The datagram socket on which a service manager is told how this process is (sd_notify(3)).
struct NotifySocket: Sendable {
    /// unix(7).
    private static let longestName = 107
    private static let patienceSeconds = 2

    /// As it stands in `sun_path`: a path with its NUL, or a name in the abstract namespace behind a NUL.
    private let name: [UInt8]

    /// - Parameter text: the value of `NOTIFY_SOCKET`: an absolute path, or `@` and a name. nil when it is neither.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count > 1, bytes.count <= Self.longestName, !bytes.contains(0) else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "/"): name = bytes + [0]
        case UInt8(ascii: "@"): name = [0] + bytes.dropFirst()
        default: return nil
        }
    }

    /// Sends one message; false when nobody took it within two seconds.
    @discardableResult
    func send(_ assignments: [String]) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + name.count)
        let message = Array(assignments.joined(separator: "\n").utf8)
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), address, length) == message.count
            }
        }
    }
}
