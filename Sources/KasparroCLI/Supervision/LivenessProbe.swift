import Glibc

/// Asks a server of this machine for `/livez`, as whoever depends on it would: through its socket, its event loop and its routes.
enum LivenessProbe {
    private static let request = Array("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)

    /// Blocks for so long at most.
    ///
    /// - Parameter socketPath: a unix socket's.
    /// - Returns: What is wrong; nil when the answer is 200.
    static func fault(socketPath: String, milliseconds: Int) -> String? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return "there is no socket to be had: \(String(cString: strerror(errno)))" }
        defer { close(descriptor) }
        // Three steps, each of which may wait.
        let share = max(1, milliseconds / 3)
        var patience = timeval(tv_sec: share / 1_000, tv_usec: share % 1_000 * 1_000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(socketPath.utf8) + [0]
        guard path.count <= MemoryLayout.size(ofValue: address.sun_path) else { return "\(socketPath) is too long for a socket" }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let isConnected = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isConnected, send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return "\(socketPath) takes no requests: \(String(cString: strerror(errno)))"
        }
        // The first bytes come at once or not at all: an answer is one write.
        var answer = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &answer, answer.count, 0)
        guard count > 0 else { return "/livez is not answered" }
        return answer.starts(with: "HTTP/1.1 200 ".utf8)
            ? nil : "/livez is answered with \(String(decoding: answer[..<count].prefix { $0 != 0x0D }, as: UTF8.self))"
    }
}
