import Glibc

/// An answer read by a client that does nothing but send and read: no redirects, no decompression, no connection kept.
struct HTTPAnswer: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    /// As sent, with chunked framing taken off.
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The first header of that name, compared without case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Sends one request to a loopback port and reads the answer to the end of the connection.
    static func fetch(
        method: String,
        port: Int,
        path: String,
        headers: [String: String] = [:],
        body: [UInt8] = [],
        timeout: Duration = .seconds(60)
    ) throws -> HTTPAnswer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        if method == "POST" || !body.isEmpty { head += "Content-Length: \(body.count)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        return try parse(exchange(Array((head + "\r\n").utf8) + body, port: port, timeout: timeout))
    }

    /// Sends bytes as they are and gives back all that comes until the other side closes; for requests that no client would write.
    static func exchange(_ request: [UInt8], port: Int, timeout: Duration = .seconds(60)) throws -> [UInt8] {
        let socket = try RawSocket(port: port, timeout: timeout)
        // A server may answer and close before it has read everything; its answer is what counts then.
        socket.send(request)
        var answer: [UInt8] = []
        while let piece = socket.receive() {
            if piece.isEmpty { return answer }
            answer += piece
        }
        throw Failure(description: "127.0.0.1:\(port) sent nothing more within \(timeout) (errno \(errno)) after \(answer.count) bytes")
    }

    /// Takes a whole HTTP/1.1 response apart.
    static func parse(_ bytes: [UInt8]) throws -> HTTPAnswer {
        guard let end = bytes.firstRange(of: [13, 10, 13, 10]) else {
            throw Failure(description: "no complete response head in \(bytes.count) bytes: \(String(decoding: bytes.prefix(200), as: UTF8.self))")
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
        let statusLine = lines[0].split(separator: " ", maxSplits: 2)
        guard statusLine.count >= 2, statusLine[0].hasPrefix("HTTP/1."), let status = Int(statusLine[1]) else {
            throw Failure(description: "no status line: \(lines[0])")
        }
        let headers = lines.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let rest = Array(bytes[end.upperBound...])
        let isChunked = headers.contains { $0.name.lowercased() == "transfer-encoding" && $0.value.lowercased() == "chunked" }
        return HTTPAnswer(status: status, headers: headers, body: isChunked ? try unchunked(rest) : rest)
    }

    private static func unchunked(_ bytes: [UInt8]) throws -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes[...]
        while true {
            guard let lineEnd = rest.firstRange(of: [13, 10]),
                let size = Int(String(decoding: rest[..<lineEnd.lowerBound].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self), radix: 16),
                rest.endIndex >= lineEnd.upperBound + size + 2
            else { throw Failure(description: "the chunked body breaks off after \(body.count) bytes") }
            if size == 0 { return body }
            body += rest[lineEnd.upperBound..<(lineEnd.upperBound + size)]
            rest = rest[(lineEnd.upperBound + size + 2)...]
        }
    }
}
