import MarketData

/// How rows are written where there is one on a line.
enum RowText: String, Sendable {
    case ndjson, csv

    var contentType: String {
        switch self {
        case .ndjson: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8; header=present"
        }
    }

    /// Appends the CSV records of stored lines, each of which ends with a newline.
    ///
    /// - Throws: `UnreadableLine`, when one is none of a row.
    static func appendCSV(_ lines: Span<UInt8>, _ formulas: TickerTable.Formulas, to out: inout [UInt8]) throws(UnreadableLine) {
        out.reserveCapacity(out.count + lines.count)
        var start = 0
        while start < lines.count {
            let end = end(of: lines, from: start)
            guard TickerTable.append(line: lines.extracting(start..<end), formulas: formulas, to: &out) else { throw UnreadableLine() }
            start = end + 1
        }
    }

    private static func end(of lines: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < lines.count, lines[end] != 0x0A { end += 1 }
        return end
    }
}

/// A stored line that is none of a row: the store's checks should have found it.
struct UnreadableLine: Error, CustomStringConvertible {
    let description = "a stored line is not one of a row; `kasparro verify` tells which"
}
