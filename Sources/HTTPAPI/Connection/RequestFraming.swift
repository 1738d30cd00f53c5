/// Where requests begin and end in a stream of bytes (RFC 9112), read more strictly than parsers do that want to get along with everyone.
///
/// A proxy and a server that disagree about where a request ends let a client slip one past the proxy. What could be read in two ways is
/// therefore refused here, before the parser: a second Host or Content-Length line, Transfer-Encoding beside Content-Length, a bare CR or LF,
/// NUL and other control characters, white space before a colon, folded lines, lengths and chunk sizes that are not plain numbers.
struct RequestFraming {
    enum Step: Equatable {
        /// The bytes are the beginning of a head; call again with these and more.
        case incomplete
        /// An empty line before a request, which some clients send behind a body (RFC 9112 section 2.2); to be left out.
        case emptyLine(length: Int)
        /// The bytes begin with a whole head of this length.
        case head(length: Int, RequestFacts)
        /// The next `length` bytes, not 0, belong to the body; with `isLast` it ends there.
        case body(length: Int, isLast: Bool)
        case refused(RequestViolation)
    }

    private enum Place {
        case head(HeadScan)
        case fixed(remaining: Int)
        case chunked(ChunkedBody)
        case refused(RequestViolation)
    }

    private let limits: ServerLimits
    private var place: Place
    private var emptyLines = 0

    init(limits: ServerLimits) {
        self.limits = limits
        place = .head(HeadScan())
    }

    /// Looks at the bytes from where the last step ended.
    ///
    /// - Parameter bytes: not empty.
    mutating func step(_ bytes: UnsafeRawBufferPointer) -> Step {
        switch place {
        case .head(var scan):
            let found = scan.step(bytes, limits)
            place = .head(scan)
            return head(found, bytes)
        case .fixed(let remaining):
            let length = min(remaining, bytes.count)
            let isLast = length == remaining
            place = isLast ? .head(HeadScan()) : .fixed(remaining: remaining - length)
            return .body(length: length, isLast: isLast)
        case .chunked(var body):
            let found = body.step(bytes)
            place = .chunked(body)
            switch found {
            case .body(_, isLast: true): place = .head(HeadScan())
            case .refused(let violation): place = .refused(violation)
            default: break
            }
            return found
        case .refused(let violation):
            return .refused(violation)
        }
    }

    private mutating func head(_ found: HeadScan.Found, _ bytes: UnsafeRawBufferPointer) -> Step {
        switch found {
        case .incomplete:
            return .incomplete
        case .emptyLine:
            place = .head(HeadScan())
            emptyLines += 1
            return emptyLines > 2 ? refuse(.notHTTP) : .emptyLine(length: 2)
        case .head(let length):
            emptyLines = 0
            switch RequestFacts.read(UnsafeRawBufferPointer(rebasing: bytes[..<length]), limits) {
            case .failure(let refusal):
                return refuse(refusal.violation)
            case .success(let facts):
                switch facts.body {
                case .none: place = .head(HeadScan())
                case .length(let count): place = .fixed(remaining: count)
                case .chunked: place = .chunked(ChunkedBody(limits: limits))
                }
                return .head(length: length, facts)
            }
        case .refused(let violation):
            return refuse(violation)
        }
    }

    private mutating func refuse(_ violation: RequestViolation) -> Step {
        place = .refused(violation)
        return .refused(violation)
    }
}

/// Looks for the empty line that ends a head, and for bytes that may not be in one. Each byte is looked at once, however they come in.
private struct HeadScan {
    enum Found {
        case incomplete
        case emptyLine
        case head(length: Int)
        case refused(RequestViolation)
    }

    private var examined = 0
    private var lineStart = 0
    /// Lines so far, the request line included.
    private var lines = 0
    private var fieldsStart = 0
    private var isBehindCR = false

    mutating func step(_ bytes: UnsafeRawBufferPointer, _ limits: ServerLimits) -> Found {
        while examined < bytes.count {
            let byte = bytes[examined]
            examined += 1
            if isBehindCR {
                guard byte == 0x0A else { return .refused(.malformed("has a carriage return without a line feed")) }
                isBehindCR = false
                if examined - lineStart == 2 { return lines == 0 ? .emptyLine : .head(length: examined) }
                lines += 1
                lineStart = examined
                if lines == 1 { fieldsStart = examined }
                if lines > limits.headerFields + 1 || examined - fieldsStart > limits.headerBytes { return .refused(.headersTooLarge) }
            } else if byte < 0x20 || byte == 0x7F {
                switch byte {
                case 0x0D: isBehindCR = true
                case 0x0A: return .refused(.malformed("has a line feed without a carriage return"))
                case 0x09 where lines > 0: break
                case 0x00: return .refused(.malformed("has a NUL byte"))
                default: return .refused(lines == 0 ? .notHTTP : .malformed("has a control character"))
                }
            } else if examined == 1, !isTokenCharacter(byte) {
                return .refused(.notHTTP)
            }
            if lines == 0 {
                // Without the line's end.
                if examined - (isBehindCR ? 1 : 0) > limits.requestLineBytes { return .refused(.requestLineTooLong) }
            } else if examined - fieldsStart > limits.headerBytes + 2 {
                // The empty line at the end is none of the fields.
                return .refused(.headersTooLarge)
            }
        }
        return .incomplete
    }
}

/// RFC 9110 section 5.6.2.
func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"),
        UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"),
        UInt8(ascii: "~"):
        true
    default: false
    }
}
