/// Speaks HTTP to the server of this machine through its control socket (spec section 11).
package struct ControlClient: Sendable {
    /// At most 107 bytes, as unix(7) has it.
    private let socketPath: String
    private let userAgent: String

    /// How long one request may take: a compaction or a copy of a large store takes hours, and a server that dies closes the connection.
    private static let patience = Duration.seconds(7 * 86_400)

    /// - Parameters:
    ///   - socketPath: the socket's file.
    ///   - userAgent: the program's name and version.
    package init(socketPath: String, userAgent: String) {
        self.socketPath = socketPath
        self.userAgent = userAgent
    }

    /// - Parameters: as for `post`.
    package func get(_ path: String, query: [(name: String, value: String)] = []) async throws(FetchError) -> FetchResponse {
        try await Fetcher.fetch(request(path, query))
    }

    /// - Parameters:
    ///   - path: from the slash on, percent-encoded, without a query.
    ///   - query: names and values as they are; they are percent-encoded here.
    ///   - body: what is sent, as `contentType`.
    package func post(
        _ path: String,
        query: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        contentType: String? = nil
    ) async throws(FetchError) -> FetchResponse {
        var request = request(path, query)
        request.isPost = true
        request.body = body
        if let contentType { request.headers = [("Content-Type", contentType)] }
        return try await Fetcher.fetch(request)
    }

    /// Gets an answer of any length.
    ///
    /// - Parameters:
    ///   - acceptsGzip: whether it may be compressed; it is then not inflated.
    ///   - take: takes the pieces of a 2xx body in order, on a thread that may block; false ends the request. Any other body is in the answer.
    package func download(
        _ path: String,
        query: [(name: String, value: String)] = [],
        acceptsGzip: Bool,
        take: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool
    ) async throws(FetchError) -> FetchResponse {
        var request = request(path, query)
        request.takeBody = take
        request.acceptsGzip = acceptsGzip
        return try await Fetcher.fetch(request)
    }

    private func request(_ path: String, _ query: [(name: String, value: String)]) -> FetchRequest {
        let text = query.map { "\($0.name)=\(Self.encoded($0.value))" }.joined(separator: "&")
        var limits = FetchLimits()
        limits.totalTimeout = Self.patience
        // Zero turns the limit off: nothing is sent while the server works.
        limits.lowSpeedBytesPerSecond = 0
        var request = FetchRequest(url: "http://localhost" + path + (text.isEmpty ? "" : "?" + text), userAgent: userAgent, limits: limits)
        request.unixSocket = socketPath
        return request
    }

    /// Every byte but those that RFC 3986 section 2.3 calls unreserved becomes `%XX`.
    private static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
