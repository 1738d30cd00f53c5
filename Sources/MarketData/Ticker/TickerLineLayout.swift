/// Where the values stand in a line made by `TickerLine.append`, found in one pass without reading JSON in general.
public struct TickerLineLayout: Sendable, Equatable {
    /// The JSON strings, quotes and escapes included.
    public let symbol, name, timestamp, source, sourceID: Range<Int>
    /// The literals, or `null`.
    public let price, volume, marketCap, percentChange: Range<Int>

    /// The places of the values, or nil when the bytes are not such a line (a line end behind it is allowed).
    public init?(_ line: Span<UInt8>) {
        let found = line.withUnsafeBufferPointer { bytes -> TickerLineLayout? in
            var walk = Walk(bytes: bytes)
            return TickerLineLayout(&walk)
        }
        guard let found else { return nil }
        self = found
    }

    private init?(_ walk: inout Walk) {
        guard let symbol = walk.string(after: #"{"symbol":"#),
            let name = walk.string(after: #","name":"#),
            let price = walk.number(after: #","price_usd":"#),
            let volume = walk.number(after: #","volume_24h":"#),
            let marketCap = walk.number(after: #","market_cap":"#),
            let percentChange = walk.number(after: #","percent_change_24h":"#),
            let timestamp = walk.string(after: #","timestamp":"#),
            let source = walk.string(after: #","source":"#),
            let sourceID = walk.string(after: #","source_id":"#),
            walk.take("}"), walk.atLineEnd
        else { return nil }
        self.symbol = symbol
        self.name = name
        self.price = price
        self.volume = volume
        self.marketCap = marketCap
        self.percentChange = percentChange
        self.timestamp = timestamp
        self.source = source
        self.sourceID = sourceID
    }
}

/// Steps over a line from key to key.
private struct Walk {
    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0

    var atLineEnd: Bool {
        index == bytes.count || (index == bytes.count - 1 && bytes[index] == ASCII.lineFeed)
    }

    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= bytes.count,
            sameBytes(
                UnsafeBufferPointer(rebasing: bytes[index..<index + count]),
                UnsafeBufferPointer(start: text.utf8Start, count: count)
            )
        else { return false }
        index += count
        return true
    }

    mutating func string(after key: StaticString) -> Range<Int>? {
        guard take(key), index < bytes.count, bytes[index] == ASCII.quote else { return nil }
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != ASCII.quote {
            index += bytes[index] == ASCII.backslash ? 2 : 1
        }
        guard index < bytes.count else { return nil }
        index += 1
        return start..<index
    }

    mutating func number(after key: StaticString) -> Range<Int>? {
        guard take(key) else { return nil }
        let start = index
        if take("null") { return start..<index }
        while index < bytes.count, isNumberByte(bytes[index]) { index += 1 }
        return index > start ? start..<index : nil
    }

    private func isNumberByte(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || byte == ASCII.period || byte == ASCII.minus
    }
}
