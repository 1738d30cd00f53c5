/// Writes JSON5 anew as JSON, token by token; that the tokens make sense together is left to `JSONParser`.
struct JSON5Rewriter {
    struct Fault: Error {
        let offset: Int
        let message: String
    }

    /// What stands at `output` comes from `input`; what follows it too, byte for byte, up to the next anchor.
    struct Anchor: Sendable {
        let output: Int
        let input: Int
    }

    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0
    var output: [UInt8] = []
    private(set) var anchors: [Anchor] = []
    /// The last byte of the token before.
    private var last: UInt8?

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The place in the input that belongs to one in the output.
    static func input(of offset: Int, _ anchors: [Anchor]) -> Int {
        var low = 0
        var high = anchors.count
        while low < high {
            let middle = (low + high) / 2
            if anchors[middle].output <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return offset }
        let found = anchors[low - 1].input + offset - anchors[low - 1].output
        return low < anchors.count ? min(found, anchors[low].input) : found
    }

    mutating func anchor() { anchors.append(Anchor(output: output.count, input: index)) }

    mutating func rewrite() throws(Fault) {
        output.reserveCapacity(bytes.count)
        while true {
            index = try blanksEnd(from: index)
            // One blank for any number of them and of comments keeps tokens apart.
            output.append(ASCII.space)
            anchor()
            guard index < bytes.count else { return }
            try rewriteToken()
            last = output.last
        }
    }

    private mutating func rewriteToken() throws(Fault) {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), ASCII.colon:
            output.append(byte)
            index += 1
        case ASCII.comma:
            // Behind a value and before the end of what holds it; anywhere else the parser takes offence at it.
            let next = try blanksEnd(from: index + 1)
            let isLast = next < bytes.count && (bytes[next] == UInt8(ascii: "}") || bytes[next] == UInt8(ascii: "]"))
            let followsValue = last.map { !Array("{[,:".utf8).contains($0) } ?? false
            if isLast && followsValue {
                index = next
                anchor()
                try rewriteToken()
            } else {
                output.append(byte)
                index += 1
            }
        case ASCII.quote, ASCII.apostrophe: try rewriteString()
        case ASCII.plus, ASCII.minus, ASCII.period, ASCII.zero...ASCII.nine: try rewriteNumber()
        case _ where Self.isWordByte(byte): try rewriteWord()
        case ASCII.slash: throw Fault(offset: index, message: "a comment begins with // or /*")
        case ASCII.hash: throw Fault(offset: index, message: "a comment begins with //, not with #")
        default: throw Fault(offset: index, message: "this cannot stand here")
        }
    }

    // MARK: Blanks and comments

    /// The index behind all blanks and comments.
    func blanksEnd(from start: Int) throws(Fault) -> Int {
        var index = start
        while index < bytes.count {
            let blank = blankLength(at: index)
            if blank > 0 {
                index += blank
            } else if bytes[index] == ASCII.slash, index + 1 < bytes.count, bytes[index + 1] == ASCII.slash {
                while index < bytes.count, lineEndLength(at: index) == 0 { index += 1 }
            } else if bytes[index] == ASCII.slash, index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "*") {
                let opening = index
                index += 2
                while index + 1 < bytes.count, bytes[index] != UInt8(ascii: "*") || bytes[index + 1] != ASCII.slash { index += 1 }
                guard index + 1 < bytes.count else { throw Fault(offset: opening, message: "this comment has no end; it ends with */") }
                index += 2
            } else {
                break
            }
        }
        return index
    }

    /// Bytes of the line end here (LF, CR, U+2028, U+2029), or 0.
    func lineEndLength(at index: Int) -> Int {
        switch bytes[index] {
        case ASCII.lineFeed, ASCII.carriageReturn: 1
        case 0xE2: matches([0xE2, 0x80, 0xA8], at: index) || matches([0xE2, 0x80, 0xA9], at: index) ? 3 : 0
        default: 0
        }
    }

    /// Bytes of the blank here (section 8 of the JSON5 specification), or 0.
    func blankLength(at index: Int) -> Int {
        let byte = bytes[index]
        if byte == ASCII.space || (0x09...0x0D).contains(byte) { return 1 }
        guard byte >= 0xC2 else { return 0 }
        if matches([0xC2, 0xA0], at: index) { return 2 }
        guard byte >= 0xE1, index + 2 < bytes.count else { return 0 }
        let length = UTF8Text.sequenceLength(bytes, at: index)
        guard length == 3 else { return 0 }
        switch UTF8Text.scalar(bytes, at: index, length: 3) {
        case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: return 3
        default: return 0
        }
    }

    func matches(_ text: [UInt8], at index: Int) -> Bool {
        index + text.count <= bytes.count && bytes[index..<index + text.count].elementsEqual(text)
    }
}
