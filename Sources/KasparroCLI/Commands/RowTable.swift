import MarketData

/// Rows as a table for people: every digit, numbers to the right, nothing cut.
struct RowTable {
    private static let columns: [(member: String, title: String, isNumber: Bool)] = [
        ("timestamp", "timestamp", false), ("symbol", "symbol", false), ("name", "name", false), ("price_usd", "price_usd", true),
        ("volume_24h", "volume_24h", true), ("market_cap", "market_cap", true), ("percent_change_24h", "change_24h", true),
        ("source", "source", false), ("source_id", "source_id", false),
    ]

    private var titles = columns.map(\.title)
    private var areNumbers = columns.map(\.isNumber)
    private var rows: [[String]] = []

    var isEmpty: Bool { rows.isEmpty }

    /// - Parameter lines: rows as JSON, one a line. Members that a row has besides its own become columns of their own.
    init?(_ lines: [UInt8]) {
        let objects = lines.split(separator: 0x0A).map { try? JSONDocument(parsing: Array($0)).root }
        var members = Self.columns.map(\.member)
        for (key, _) in objects.first??.members.map({ ($0.key.string ?? "", 0) }) ?? [] where !members.contains(key) {
            members.append(key)
            titles.append(key)
            areNumbers.append(false)
        }
        for object in objects {
            guard let object else { return nil }
            rows.append(members.map { Self.cell(object.member($0)) })
        }
    }

    private static func cell(_ value: JSONValue?) -> String {
        guard let value, !value.isNull else { return "" }
        if let text = value.string { return TerminalText.line(Array(text.utf8)) }
        // The literal as it is stored.
        return TerminalText.line(value.rawBytes)
    }

    /// The table with its head, a line each.
    var lines: [String] {
        let all = [titles] + rows
        let widths = titles.indices.map { column in all.map { Self.width(of: $0[column]) }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                if column > 0 { line += "  " }
                let filling = String(repeating: " ", count: widths[column] - Self.width(of: cell))
                line += areNumbers[column] ? filling + cell : column == row.count - 1 ? cell : cell + filling
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// Columns of a terminal, about: East Asian letters and emoji take two.
    private static func width(of text: String) -> Int {
        text.reduce(0) { width, character in
            let value = character.unicodeScalars.first?.value ?? 0
            let isWide =
                (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value) || (0xAC00...0xD7A3).contains(value)
                || (0xF900...0xFAFF).contains(value) || (0xFE30...0xFE6F).contains(value) || (0xFF00...0xFF60).contains(value)
                || (0x1F300...0x1FAFF).contains(value) || (0x20000...0x3FFFD).contains(value)
            return width + (isWide ? 2 : 1)
        }
    }
}
