extension RequestFacts {
    struct Refusal: Error {
        let violation: RequestViolation
    }

    /// Reads a whole head, in which each line ends with CRLF and no control character is left.
    static func read(_ head: UnsafeRawBufferPointer, _ limits: ServerLimits) -> Result<RequestFacts, Refusal> {
        var reader = HeadReader(limits: limits)
        do throws(Refusal) {
            var start = 0
            var isFirst = true
            while start < head.count - 2 {
                var end = start
                while head[end] != 0x0D { end += 1 }
                let line = UnsafeRawBufferPointer(rebasing: head[start..<end])
                try isFirst ? reader.readRequestLine(line) : reader.readField(line)
                isFirst = false
                start = end + 2
            }
            return .success(try reader.finish())
        } catch {
            return .failure(error)
        }
    }
}

/// Collects what the lines of a head say.
private struct HeadReader {
    let limits: ServerLimits
    private var facts = RequestFacts()
    private var hosts = 0
    private var length: Int?
    private var isChunked = false
    private var asksToClose = false
    private var asksToStay = false

    init(limits: ServerLimits) {
        self.limits = limits
    }

    /// Method, target and version, one blank between them (RFC 9112 section 3).
    mutating func readRequestLine(_ line: UnsafeRawBufferPointer) throws(RequestFacts.Refusal) {
        guard let methodEnd = line.firstIndex(of: 0x20), line[..<methodEnd].allSatisfy(isTokenCharacter),
            let targetEnd = line[(methodEnd + 1)...].firstIndex(of: 0x20), targetEnd > methodEnd + 1
        else { throw refusal(.notHTTP) }
        let version = UnsafeRawBufferPointer(rebasing: line[(targetEnd + 1)...])
        guard version.count == 8, version[..<5].elementsEqual("HTTP/".utf8), version[6] == UInt8(ascii: "."), let major = digit(version[5]),
            let minor = digit(version[7])
        else { throw refusal(.notHTTP) }
        guard major == 1, minor <= 1 else { throw refusal(.version) }
        facts.minorVersion = minor
        if line[..<methodEnd].elementsEqual("CONNECT".utf8) { throw malformed("is for a proxy, which this server is not") }
    }

    mutating func readField(_ line: UnsafeRawBufferPointer) throws(RequestFacts.Refusal) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[..<colon].allSatisfy(isTokenCharacter) else {
            throw malformed("has a header line without a name, with a blank before its colon, or folded")
        }
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        let value = trimmed(UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]))
        switch colon {
        case 4 where isName(name, "host"): try readHost(value)
        case 7 where isName(name, "upgrade"): asksToClose = true
        case 10 where isName(name, "connection"): readConnection(value)
        case 14 where isName(name, "content-length"): try readLength(value)
        case 17 where isName(name, "transfer-encoding"): try readCoding(value)
        default: break
        }
    }

    func finish() throws(RequestFacts.Refusal) -> RequestFacts {
        var facts = facts
        // RFC 9112 section 3.2.
        if hosts == 0, facts.minorVersion == 1 { throw malformed("has no Host line") }
        if isChunked {
            if length != nil { throw malformed("has Transfer-Encoding beside Content-Length") }
            if facts.minorVersion == 0 { throw malformed("has Transfer-Encoding, which HTTP/1.0 does not know") }
            facts.body = .chunked
        } else if let length, length > 0 {
            if length > limits.bodyBytes { throw refusal(.bodyTooLarge) }
            facts.body = .length(length)
        }
        facts.isPersistent = !asksToClose && (facts.minorVersion == 1 || asksToStay)
        return facts
    }

    private mutating func readHost(_ value: UnsafeRawBufferPointer) throws(RequestFacts.Refusal) {
        hosts += 1
        if hosts > 1 { throw malformed("has more than one Host line") }
        // A name, an address and a port have none of these; whoever reads them sees two hosts, or part of a URL.
        let isPlain = value.allSatisfy { byte in byte > 0x20 && byte < 0x7F && !"\"#,/<>?@\\^`{|}".utf8.contains(byte) }
        guard isPlain else { throw malformed("has a Host line that is not one host") }
    }

    private mutating func readLength(_ value: UnsafeRawBufferPointer) throws(RequestFacts.Refusal) {
        if length != nil { throw malformed("has more than one Content-Length line") }
        guard !value.isEmpty, value.allSatisfy({ digit($0) != nil }) else { throw malformed("has a Content-Length that is not a number") }
        let digits = value.drop { $0 == UInt8(ascii: "0") }
        guard digits.count <= 18 else { throw refusal(.bodyTooLarge) }
        length = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private mutating func readCoding(_ value: UnsafeRawBufferPointer) throws(RequestFacts.Refusal) {
        guard !isChunked, isName(value, "chunked") else { throw malformed("has a Transfer-Encoding other than `chunked`") }
        isChunked = true
    }

    private mutating func readConnection(_ value: UnsafeRawBufferPointer) {
        for option in value.split(separator: UInt8(ascii: ",")) {
            let option = trimmed(UnsafeRawBufferPointer(rebasing: option))
            if isName(option, "close") { asksToClose = true }
            if isName(option, "keep-alive") { asksToStay = true }
        }
    }

    private func refusal(_ violation: RequestViolation) -> RequestFacts.Refusal { RequestFacts.Refusal(violation: violation) }
    private func malformed(_ what: String) -> RequestFacts.Refusal { refusal(.malformed(what)) }
}

private func digit(_ byte: UInt8) -> Int? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
}

/// Compares without case; `name` is in lower case.
private func isName(_ bytes: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
    guard bytes.count == name.utf8CodeUnitCount else { return false }
    return name.withUTF8Buffer { name in
        bytes.indices.allSatisfy { index in
            let byte = bytes[index]
            return ((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte) == name[index]
        }
    }
}

/// Without the blanks around it.
private func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let first = bytes.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }), let last = bytes.lastIndex(where: { $0 != 0x20 && $0 != 0x09 }) else {
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(rebasing: bytes[first...last])
}
