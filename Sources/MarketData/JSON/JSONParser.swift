/// The strict reader behind `JSONDocument`: one pass over the bytes, one node for each value.
///
/// It recurses once for each level of nesting, which the depth limit keeps small.
struct JSONParser {
    /// A fault before its line and column have been counted.
    struct Fault: Error {
        let reason: JSONDocument.Failure.Reason
        let offset: Int
    }

    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0
    private(set) var nodes: [JSONNode] = []
    private var keys: JSONKeys

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        keys = JSONKeys(bytes)
        // API answers have a value every 12 to 20 bytes.
        nodes.reserveCapacity(min(bytes.count / 16 + 16, JSONDocument.maximumNodes))
    }

    mutating func parseDocument() throws(Fault) {
        guard bytes.count <= Int(UInt32.max) else { throw Fault(reason: .tooLarge, offset: Int(UInt32.max)) }
        skipWhiteSpace()
        guard index < bytes.count else { throw fault(.empty) }
        try parseValue(depth: 0)
        skipWhiteSpace()
        guard index == bytes.count else { throw fault(.trailingBytes) }
    }

    func fault(_ reason: JSONDocument.Failure.Reason) -> Fault { Fault(reason: reason, offset: index) }

    // MARK: Values

    private mutating func parseValue(depth: Int) throws(Fault) {
        guard index < bytes.count else { throw fault(.unexpectedEnd) }
        switch bytes[index] {
        case ASCII.quote: _ = try parseString()
        case UInt8(ascii: "{"): try parseObject(depth: depth + 1)
        case UInt8(ascii: "["): try parseArray(depth: depth + 1)
        case UInt8(ascii: "t"): try parseWord("true", .true)
        case UInt8(ascii: "f"): try parseWord("false", .false)
        case UInt8(ascii: "n"): try parseWord("null", .null)
        case ASCII.minus, ASCII.zero...ASCII.nine: try parseNumber()
        default: throw fault(.unexpectedByte)
        }
    }

    private mutating func parseObject(depth: Int) throws(Fault) {
        let node = try open(.object, depth: depth)
        let mark = keys.begin()
        var count = 0
        skipWhiteSpace()
        if !take(UInt8(ascii: "}")) {
            repeat {
                skipWhiteSpace()
                guard index < bytes.count else { throw fault(.unexpectedEnd) }
                guard bytes[index] == ASCII.quote else { throw fault(.unexpectedByte) }
                let key = try parseString()
                guard keys.insert(nodes[key]) else {
                    throw Fault(reason: .duplicateKey, offset: Int(nodes[key].start))
                }
                skipWhiteSpace()
                try expect(ASCII.colon)
                skipWhiteSpace()
                try parseValue(depth: depth)
                count += 1
                skipWhiteSpace()
            } while take(ASCII.comma)
            try expect(UInt8(ascii: "}"))
        }
        keys.end(mark)
        close(node, count: count)
    }

    private mutating func parseArray(depth: Int) throws(Fault) {
        let node = try open(.array, depth: depth)
        var count = 0
        skipWhiteSpace()
        if !take(UInt8(ascii: "]")) {
            repeat {
                skipWhiteSpace()
                try parseValue(depth: depth)
                count += 1
                skipWhiteSpace()
            } while take(ASCII.comma)
            try expect(UInt8(ascii: "]"))
        }
        close(node, count: count)
    }

    private mutating func parseWord(_ word: StaticString, _ tag: JSONNode.Tag) throws(Fault) {
        let start = index
        for offset in 0..<word.utf8CodeUnitCount {
            guard index < bytes.count else { throw fault(.unexpectedEnd) }
            guard bytes[index] == word.utf8Start[offset] else { throw fault(.unexpectedByte) }
            index += 1
        }
        try add(tag, from: start)
    }

    /// `[-] (0 / 1-9 digits) [. digits] [e [sign] digits]`; the lexeme is kept, its value is nobody's business here.
    private mutating func parseNumber() throws(Fault) {
        let start = index
        _ = take(ASCII.minus)
        if take(ASCII.zero) {
            if index < bytes.count, ASCII.isDigit(bytes[index]) { throw fault(.invalidNumber) }
        } else {
            try parseDigits()
        }
        if take(ASCII.period) { try parseDigits() }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if !take(ASCII.plus) { _ = take(ASCII.minus) }
            try parseDigits()
        }
        try add(.number, from: start)
    }

    private mutating func parseDigits() throws(Fault) {
        let start = index
        while index < bytes.count, ASCII.isDigit(bytes[index]) { index &+= 1 }
        guard index > start else { throw fault(index < bytes.count ? .invalidNumber : .unexpectedEnd) }
    }

    // MARK: Nodes

    @inline(__always)
    mutating func add(_ tag: JSONNode.Tag, from start: Int, hasEscapes: Bool = false) throws(Fault) {
        guard nodes.count < JSONDocument.maximumNodes else { throw Fault(reason: .tooManyValues, offset: start) }
        nodes.append(JSONNode(tag, start: start, end: index, next: nodes.count + 1, hasEscapes: hasEscapes))
    }

    private mutating func open(_ tag: JSONNode.Tag, depth: Int) throws(Fault) -> Int {
        guard depth <= JSONDocument.maximumDepth else { throw fault(.tooDeep) }
        let start = index
        index += 1
        try add(tag, from: start)
        return nodes.count - 1
    }

    private mutating func close(_ node: Int, count: Int) {
        nodes[node].end = UInt32(truncatingIfNeeded: index)
        nodes[node].next = UInt32(truncatingIfNeeded: nodes.count)
        nodes[node].count = count
    }

    // MARK: Bytes

    @inline(__always)
    private mutating func skipWhiteSpace() {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == ASCII.space || byte == ASCII.lineFeed || byte == ASCII.carriageReturn || byte == ASCII.tab
            else { return }
            index &+= 1
        }
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index &+= 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(Fault) {
        guard index < bytes.count else { throw fault(.unexpectedEnd) }
        guard bytes[index] == byte else { throw fault(.unexpectedByte) }
        index &+= 1
    }
}
