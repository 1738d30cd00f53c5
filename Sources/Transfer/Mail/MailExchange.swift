import CCurl
import Glibc

/// What goes to the server and what it says, and the sockets for that. Used by the thread of the transfer alone.
final class MailExchange {
    /// Bytes kept of one answer.
    private static let longestAnswer = 300
    /// Refusals that are kept.
    private static let mostRefusals = 20

    private let message: [UInt8]
    private var sent = 0
    /// Answers of 4xx and 5xx (RFC 5321 section 4.2), printable characters only.
    private(set) var refusals: [String] = []

    private var sockets: Set<curl_socket_t> = []

    init(message: [UInt8]) { self.message = message }

    /// Fills the buffer with what comes next; 0 at the end.
    func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let piece = message[sent...].prefix(buffer.count)
        buffer.copyBytes(from: piece)
        sent += piece.count
        return piece.count
    }

    /// Takes one line of an answer.
    func take(answer line: UnsafeRawBufferPointer) {
        guard let first = line.first,
            first == UInt8(ascii: "4") || first == UInt8(ascii: "5"), refusals.count < Self.mostRefusals
        else { return }
        var text = String(decoding: line.prefix(Self.longestAnswer).map { (0x20...0x7E).contains($0) ? $0 : 0x20 }, as: UTF8.self)[...]
        while text.last == " " { text.removeLast() }
        refusals.append(String(text))
    }

    /// Makes the socket for an address that is about to be connected.
    func openSocket(for address: curl_sockaddr) -> curl_socket_t {
        // Close-on-exec, so that no child process inherits a connection.
        let socket = socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
        if socket >= 0 { sockets.insert(socket) }
        return socket
    }

    func close(_ socket: curl_socket_t) -> Int32 {
        sockets.remove(socket)
        return Glibc.close(socket)
    }

    /// Cuts the connection. libcurl says QUIT on one that it closes, even in the middle of everything, and waits for the answer.
    func cut() {
        for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// The exchange that was given to libcurl as the context of its callbacks.
    static func from(_ context: UnsafeMutableRawPointer?) -> MailExchange {
        Unmanaged<MailExchange>.fromOpaque(context!).takeUnretainedValue()
    }
}
