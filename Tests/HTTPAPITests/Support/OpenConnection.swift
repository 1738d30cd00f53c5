import Glibc
import HTTPAPI

/// A connection that is written to and read from as a test goes on; after 30 s of silence reading fails.
///
/// It waits on threads of its own: the server needs those of the pool.
final class OpenConnection: @unchecked Sendable {
    // Used by one test, which does one thing after the other.
    struct Failure: Error, CustomStringConvertible { var description: String }

    private let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects to 127.0.0.1 and sends a request.
    init(port: Int, _ request: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Failure(description: "not connected") }
        let bytes = Array(request.utf8)
        _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress!, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    deinit { close(descriptor) }

    /// What came up to and with `end`; it is taken away.
    func read(to end: String) async throws -> String { try await OwnThread.run { try self.receive(to: end) } }

    /// All that comes until the server closes.
    func readToEnd() async throws -> [UInt8] {
        try await OwnThread.run {
            while try self.fill() {}
            return self.received
        }
    }

    private func receive(to end: String) throws -> String {
        let mark = Array(end.utf8)
        while true {
            if let found = received.firstRange(of: mark) {
                defer { received.removeSubrange(..<found.upperBound) }
                return String(decoding: received[..<found.upperBound], as: UTF8.self)
            }
            if try !fill() { throw Failure(description: "closed after: \(String(decoding: received.suffix(300), as: UTF8.self))") }
        }
    }

    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno != ECONNRESET {
            throw Failure(description: "nothing came for 30 s after: \(String(decoding: received.suffix(300), as: UTF8.self))")
        }
        received.append(contentsOf: buffer[..<max(0, count)])
        return count > 0
    }
}
