import MarketData

extension CSVHeader {
    /// The names as one line without its end, quoted where that is needed; empty when it has more bytes than `limit`.
    func line(separator: UInt8, atMost limit: Int) -> [UInt8] {
        var line: [UInt8] = []
        for (column, name) in names.enumerated() {
            if column > 0 { line.append(separator) }
            let quote = UInt8(ascii: "\"")
            guard name.contains(where: { $0 == separator || $0 == quote || $0 == 0x0A || $0 == 0x0D }) else {
                line.append(contentsOf: name)
                continue
            }
            line.append(quote)
            for byte in name { line.append(contentsOf: byte == quote ? [quote, quote] : [byte]) }
            line.append(quote)
        }
        return line.count > limit ? [] : line
    }
}
