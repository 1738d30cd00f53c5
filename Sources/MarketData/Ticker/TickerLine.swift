/// The stored form of a row: one line of JSON, keys always in the same order, a missing number as null.
///
///     {"symbol":"BTC","name":"Bitcoin","price_usd":45000.50,"volume_24h":1000000000,"market_cap":null,
///      "percent_change_24h":2.5,"timestamp":"2024-12-15T14:30:00Z","source":"coinpaprika","source_id":"btc-bitcoin"}
///
/// (broken in two here only). A response carries these bytes as they are; nothing decodes and encodes them again.
public enum TickerLine {
    /// Appends the line of a row, without a line end.
    ///
    /// - Parameters:
    ///   - symbol: normalised by `TickerText.appendSymbol`.
    ///   - name: the coin's name, UTF-8, trimmed; escaped here like every text.
    ///   - price: US dollars, a canonical literal.
    ///   - volume: US dollars traded in 24 hours, a canonical literal, or empty for null.
    ///   - marketCap: US dollars, a canonical literal, or empty for null.
    ///   - percentChange: percent points over 24 hours, a canonical literal, or empty for null.
    ///   - timestamp: the source's own time of the quote.
    ///   - source: the name of the configured source.
    ///   - sourceID: the source's own id of the coin.
    ///   - out: where the line is appended.
    public static func append(
        symbol: Span<UInt8>,
        name: Span<UInt8>,
        price: Span<UInt8>,
        volume: Span<UInt8>,
        marketCap: Span<UInt8>,
        percentChange: Span<UInt8>,
        timestamp: Timestamp,
        source: Span<UInt8>,
        sourceID: Span<UInt8>,
        to out: inout [UInt8]
    ) {
        // One reservation for the whole line; an escaped byte takes at most six.
        let texts = 6 * (symbol.count + name.count + source.count + sourceID.count)
        let numbers = price.count + volume.count + marketCap.count + percentChange.count
        out.append(addingCapacity: texts + numbers + fixedBytes) { line in
            line.withUnsafeMutableBufferPointer { buffer, count in
                var writer = LineWriter(buffer)
                writer.put(#"{"symbol":"#)
                writer.putEscaped(symbol)
                writer.put(#","name":"#)
                writer.putEscaped(name)
                writer.put(#","price_usd":"#)
                writer.putNumber(price)
                writer.put(#","volume_24h":"#)
                writer.putNumber(volume)
                writer.put(#","market_cap":"#)
                writer.putNumber(marketCap)
                writer.put(#","percent_change_24h":"#)
                writer.putNumber(percentChange)
                writer.put(#","timestamp":""#)
                writer.put(timestamp)
                writer.put(#"","source":"#)
                writer.putEscaped(source)
                writer.put(#","source_id":"#)
                writer.putEscaped(sourceID)
                writer.put("}")
                count = writer.count
            }
        }
    }

    /// Room for the keys, the quotes, four `null` and the longest timestamp.
    private static let fixedBytes = 256

    /// Whether two rows of one identity say the same: the name byte for byte, each number by its exact value
    /// (`1941062.0` and `1941062` are the same, null equals only null).
    ///
    /// The identity itself, symbol to source_id, is not compared: the caller found both rows by it.
    ///
    /// - Parameters: two lines made by `append`, with or without a line end. Other bytes equal only themselves.
    public static func sameContent(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        let isSame = a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in sameBytes(withoutLineEnd(a), withoutLineEnd(b)) }
        }
        if isSame { return true }
        guard let left = TickerLineLayout(a), let right = TickerLineLayout(b) else { return false }
        return sameText(a.extracting(left.name), b.extracting(right.name))
            && sameNumber(a.extracting(left.price), b.extracting(right.price))
            && sameNumber(a.extracting(left.volume), b.extracting(right.volume))
            && sameNumber(a.extracting(left.marketCap), b.extracting(right.marketCap))
            && sameNumber(a.extracting(left.percentChange), b.extracting(right.percentChange))
    }

    private static func withoutLineEnd(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        line.last == ASCII.lineFeed ? UnsafeBufferPointer(rebasing: line.dropLast()) : line
    }

    private static func sameText(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { b in sameBytes(a, b) } }
    }

    private static func sameNumber(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        let aIsNull = a[0] == UInt8(ascii: "n")
        let bIsNull = b[0] == UInt8(ascii: "n")
        if aIsNull || bIsNull { return aIsNull && bIsNull }
        return DecimalLiteral.compare(a, b) == 0
    }
}
