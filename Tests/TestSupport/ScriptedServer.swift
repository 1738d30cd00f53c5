import Glibc
import Synchronization

/// A server on a loopback port that plays one script per connection, in the order of the connections, and remembers what it was sent.
///
/// It knows no HTTP: tests write the very bytes, because most of them are about bytes that no HTTP server would send.
package final class ScriptedServer: Sendable {
    /// One thing done on a connection, after the request head was read.
    package enum Step: Sendable {
        case send([UInt8])
        /// Sends the bytes one at a time, with a pause before each.
        case drip([UInt8], pauseMilliseconds: UInt32)
        /// Sends the same bytes over and over, until the other side has gone.
        case sendForEver([UInt8])
        /// Keeps the connection open, silent, until the other side has gone.
        case hang
        /// Closes with a reset instead of an orderly end.
        case reset
    }

    package let port: Int
    private let listener: Int32
    private let scripts: Mutex<[[Step]]>
    private let received = Mutex<[(head: String, at: ContinuousClock.Instant)]>([])

    /// - Parameter scripts: what to do on the first connection, the second, and so on; the last one is used for all that follow.
    package convenience init(_ scripts: [Step]...) { self.init(answers: scripts) }

    /// - Parameter scripts: as above.
    package init(answers scripts: [[Step]]) {
        (listener, port) = Self.listen()
        self.scripts = Mutex(scripts.isEmpty ? [[.hang]] : scripts)
        Self.startThread { [self] in acceptLoop() }
    }

    /// A server on a unix socket; `port` is 0.
    ///
    /// - Parameter path: a name that is free, at most 107 bytes.
    package init(unixSocket path: String, answer: String) {
        (listener, port) = (Self.listen(unixSocket: path), 0)
        scripts = Mutex([[.send(Array(answer.utf8))]])
        Self.startThread { [self] in acceptLoop() }
    }

    /// Replaces the scripts, for those that can only be written once the port is known.
    package func play(_ scripts: [Step]...) {
        self.scripts.withLock { $0 = scripts }
    }

    /// The same, from a list; an empty one leaves the scripts as they are.
    package func play(all scripts: [[Step]]) {
        if !scripts.isEmpty { self.scripts.withLock { $0 = scripts } }
    }

    /// A server that answers every request with these bytes and closes.
    package convenience init(answer: String) {
        self.init([.send(Array(answer.utf8))])
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    /// The request heads so far, in order of arrival.
    package var requests: [String] { received.withLock { $0.map(\.head) } }

    /// When their last byte had come.
    package var arrivals: [ContinuousClock.Instant] { received.withLock { $0.map(\.at) } }

    /// Ends the accepting thread; a test calls it when it is done.
    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptLoop() {
        defer { close(listener) }
        while true {
            let connection = accept(listener, nil, nil)
            if connection < 0 {
                if errno == EINTR { continue }
                return
            }
            let script = scripts.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            Self.startThread { [self] in serve(connection, script) }
        }
    }

    private func serve(_ connection: Int32, _ script: [Step]) {
        defer { close(connection) }
        guard let head = readHead(from: connection) else { return }
        // A TLS handshake is no request.
        if !head.isEmpty { received.withLock { $0.append((head, .now)) } }
        for step in script where !play(step, on: connection) { return }
    }

    /// False when the other side has gone.
    private func play(_ step: Step, on connection: Int32) -> Bool {
        switch step {
        case .send(let bytes):
            return write(bytes, to: connection)
        case .drip(let bytes, let pause):
            for byte in bytes {
                usleep(pause * 1000)
                if !write([byte], to: connection) { return false }
            }
            return true
        case .sendForEver(let bytes):
            while write(bytes, to: connection) {}
            return false
        case .hang:
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) > 0 {}
            return false
        case .reset:
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            return false
        }
    }

    private func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// A request's head; empty for a client that begins with TLS, nil for one that goes.
    private func readHead(from connection: Int32) -> String? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            head.append(byte)
            if head == [0x16] { return "" }
        }
        return String(decoding: head, as: UTF8.self)
    }

    /// A listening socket on 127.0.0.1 and the port that the system chose.
    private static func listen() -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: inet_addr("127.0.0.1"))
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 16) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        precondition(bound, "no loopback port for the test server: errno \(errno)")
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func listen(unixSocket path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        precondition(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path), "too long for a socket: \(path)")
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && Glibc.listen(descriptor, 16) == 0
            }
        }
        precondition(bound, "no unix socket for the test server: errno \(errno)")
        return descriptor
    }

    /// A loopback port on which nothing listens.
    package static func closedPort() -> Int {
        let (descriptor, port) = listen()
        close(descriptor)
        return port
    }

    private static func startThread(_ work: @escaping @Sendable () -> Void) {
        final class Work { let run: @Sendable () -> Void; init(_ run: @escaping @Sendable () -> Void) { self.run = run } }
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { context in
                Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(Work(work)).toOpaque()
        )
        precondition(code == 0, "no thread for the test server")
        pthread_detach(thread)
    }
}
