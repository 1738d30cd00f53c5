/// Rows as CSV (RFC 4180): a header line and one record a row, each ended by LF, an empty cell for null.
///
/// A spreadsheet runs a cell that begins with one of `= + - @`, tab, CR or NUL as a formula, and names come from strangers (CWE-1236). Such a text
/// gets an apostrophe in front, and so does one that has apostrophes before such a character: so that `appendText` can take away exactly what was
/// added. Numbers are never touched.
public enum TickerTable {
    /// The names of the columns, which are those of a row's members, with the line end.
    public static let header: StaticString = "symbol,name,price_usd,volume_24h,market_cap,percent_change_24h,timestamp,source,source_id\n"

    /// How texts that a spreadsheet would run are written.
    public enum Formulas: Sendable {
        /// With an apostrophe in front.
        case escaped
        /// As they are, for programs.
        case raw
    }

    /// Appends the record of a row, line end included, built from the bytes of its line.
    ///
    /// - Parameters:
    ///   - line: made by `TickerLine.append`.
    ///   - formulas: how texts are written that a spreadsheet would run.
    ///   - out: where the record is appended; unchanged when this gives false.
    /// - Returns: false when the bytes are no such line.
    public static func append(line: Span<UInt8>, formulas: Formulas, to out: inout [UInt8]) -> Bool {
        guard let layout = TickerLineLayout(line) else { return false }
        line.withUnsafeBufferPointer { bytes in
            appendCell(bytes, layout.symbol, formulas, to: &out)
            out.append(ASCII.comma)
            appendCell(bytes, layout.name, formulas, to: &out)
            for number in [layout.price, layout.volume, layout.marketCap, layout.percentChange] {
                out.append(ASCII.comma)
                // A literal begins with a digit or a minus sign.
                if bytes[number.lowerBound] != UInt8(ascii: "n") { out.append(contentsOf: bytes[number]) }
            }
            out.append(ASCII.comma)
            out.append(contentsOf: bytes[layout.timestamp.lowerBound + 1..<layout.timestamp.upperBound - 1])
            out.append(ASCII.comma)
            appendCell(bytes, layout.source, formulas, to: &out)
            out.append(ASCII.comma)
            appendCell(bytes, layout.sourceID, formulas, to: &out)
            out.append(ASCII.lineFeed)
        }
        return true
    }

    /// Appends the text of a cell as it was before an apostrophe was put in front of it, if one was.
    public static func appendText(escaped cell: Span<UInt8>, to out: inout [UInt8]) {
        cell.withUnsafeBufferPointer { bytes in
            let isEscaped = bytes.first == ASCII.apostrophe && needsApostrophe(bytes)
            out.append(contentsOf: isEscaped ? UnsafeBufferPointer(rebasing: bytes.dropFirst()) : bytes)
        }
    }

    /// Appends the cell of a JSON string, whose quotes are at the ends of `range`.
    private static func appendCell(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>,
        _ formulas: Formulas,
        to out: inout [UInt8]
    ) {
        let text = UnsafeBufferPointer(rebasing: bytes[range.lowerBound + 1..<range.upperBound - 1])
        var needsMore = false
        for byte in text { needsMore = needsMore || byte == ASCII.backslash || byte == ASCII.comma }
        if !needsMore, formulas == .raw || !needsApostrophe(text) {
            out.append(contentsOf: text)
            return
        }
        var decoded: [UInt8] = []
        JSONString.appendDecoded(text, to: &decoded)
        decoded.withUnsafeBufferPointer { appendQuoted($0, formulas, to: &out) }
    }

    private static func appendQuoted(_ text: UnsafeBufferPointer<UInt8>, _ formulas: Formulas, to out: inout [UInt8]) {
        let isQuoted = text.contains {
            $0 == ASCII.comma || $0 == ASCII.quote || $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn
        }
        if isQuoted { out.append(ASCII.quote) }
        if formulas == .escaped, needsApostrophe(text) { out.append(ASCII.apostrophe) }
        for byte in text {
            if byte == ASCII.quote { out.append(ASCII.quote) }
            out.append(byte)
        }
        if isQuoted { out.append(ASCII.quote) }
    }

    /// Whether a text begins, behind any number of apostrophes, with a character that makes it a formula.
    private static func needsApostrophe(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch text.first(where: { $0 != ASCII.apostrophe }) {
        case UInt8(ascii: "="), ASCII.plus, ASCII.minus, UInt8(ascii: "@"), ASCII.tab, ASCII.carriageReturn, 0: true
        default: false
        }
    }
}
