import CCurl
import Glibc

/// Takes what libcurl receives, and stops it at the first limit that is passed. Used by one thread at a time, that of the transfer.
final class HopReceiver {
    /// A reason of our own to stop. libcurl then only knows that a callback refused.
    enum Stop {
        case bodyTooLong
        case ratioTooHigh
        case headersTooLong
        /// Compressed in a way that was not asked for.
        case unknownEncoding(String)
        /// Announced as gzip, and not gzip or with a wrong checksum.
        case damagedEncoding
        /// A gzip body without its end.
        case incompleteEncoding
        case outOfMemory
        /// Whoever takes the body wants no more of it.
        case refusedByTaker
    }

    /// Below this many inflated bytes the ratio is not looked at: a short, repetitive answer is no bomb.
    static let ratioFreeBytes = 1024 * 1024

    private let limits: FetchLimits
    private let policy: AddressPolicy

    private(set) var body: [UInt8] = []
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var stop: Stop?
    /// The last address that the policy refused, if any.
    private(set) var refusedAddress: IPAddress?
    private(set) var headersEnded = false
    private var headerBytes = 0
    /// Bytes of the body as they came, without chunk framing.
    private var wireBytes = 0
    /// Set with the first byte of a body that is announced as gzip.
    private var inflater: GzipBody?

    /// nil: the body is kept.
    private let takeBody: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
    /// Whether the status says that the answer is what was asked for.
    private var isSuccess = false

    init(limits: FetchLimits, policy: AddressPolicy, takeBody: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil) {
        self.limits = limits
        self.policy = policy
        self.takeBody = takeBody
    }

    /// Takes bytes of the body as the server sent them. False ends the transfer.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty else { return true }
        if let takeBody, isSuccess {
            if !takeBody(bytes) { stop = .refusedByTaker }
            return stop == nil
        }
        if wireBytes == 0, !chooseDecoding() { return false }
        wireBytes += bytes.count
        guard let inflater else { return keep(bytes) }
        switch inflater.inflate(bytes, take: keep) {
        case .ok: return true
        case .stopped: return false
        case .damaged:
            stop = .damagedEncoding
            return false
        }
    }

    /// To be asked when libcurl has all bytes: whether they are a whole body. An empty one is, whatever its headers announce.
    func finish() -> Bool {
        if let inflater, !inflater.isComplete { stop = .incompleteEncoding }
        return stop == nil
    }

    private func chooseDecoding() -> Bool {
        let encodings = headers.filter { $0.name.lowercased() == "content-encoding" }.map { $0.value.lowercased() }
        switch encodings.joined(separator: ", ") {
        case "", "identity": return true
        case "gzip", "x-gzip":
            inflater = GzipBody()
            if inflater == nil { stop = .outOfMemory }
        case let other: stop = .unknownEncoding(other)
        }
        return stop == nil
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Checked before the bytes are kept, so that memory never holds more than the limit.
        guard body.count + bytes.count <= limits.maximumBytes else {
            stop = .bodyTooLong
            return false
        }
        body.append(contentsOf: bytes)
        guard inflater != nil, body.count > Self.ratioFreeBytes else { return true }
        let (limit, overflow) = wireBytes.multipliedReportingOverflow(by: limits.maximumRatio)
        if !overflow, body.count > limit { stop = .ratioTooHigh }
        return stop == nil
    }

    /// Takes one header line with its line end: a status line, a field, or the empty line that ends them. False ends the transfer.
    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= limits.maximumHeaderBytes else {
            stop = .headersTooLong
            return false
        }
        let line = String(decoding: bytes, as: UTF8.self)
        // A new status line begins the response that follows an interim (1xx) one.
        if line.hasPrefix("HTTP/"), wireBytes == 0 {
            headers.removeAll(keepingCapacity: true)
            headersEnded = false
            isSuccess = line.split(separator: " ").dropFirst().first?.hasPrefix("2") == true
            return true
        }
        // What comes after the empty line are the trailers of a chunked body, which have no say in what the response is.
        guard !headersEnded else { return true }
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            headersEnded = line.utf8.allSatisfy { $0 == 0x0D || $0 == 0x0A }
            return true
        }
        headers.append((String(line[..<colon]), trimmed(line[line.index(after: colon)...])))
        return true
    }

    private func trimmed(_ text: Substring) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A }
        let bytes = text.utf8.drop(while: isBlank)
        guard let last = bytes.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(Substring(bytes[...last]))
    }

    /// Makes the socket for an address that is about to be connected, unless the policy refuses the address.
    func openSocket(for address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let family = address.pointee.family
        if family == AF_UNIX {
            guard policy == .unixSocket else { return badSocket }
        } else {
            let peer = withUnsafePointer(to: &address.pointee.addr) {
                IPAddress(socketAddress: $0, family: family, length: Int(address.pointee.addrlen))
            }
            guard let peer else { return badSocket }
            guard policy.allows(peer) else {
                refusedAddress = peer
                return badSocket
            }
        }
        // Close-on-exec, so that no child process inherits a connection.
        return socket(family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }
}

/// libcurl's CURL_SOCKET_BAD, a macro that the importer may not translate.
private let badSocket: curl_socket_t = -1
