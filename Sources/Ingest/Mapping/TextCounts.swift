/// What the texts among a field's values look like; numbers are not among them.
struct TextCounts: Sendable {
    private(set) var count = 0
    private(set) var totalBytes = 0
    /// With a blank inside.
    private(set) var spaced = 0
    /// Two to six capital letters and digits, as tickers are.
    private(set) var capitals = 0
    /// Small letters only, more than six characters: the ids that sources give coins look like this.
    private(set) var slugs = 0
    /// Capital and small letters, more than four characters, as names have.
    private(set) var mixed = 0
    private(set) var links = 0
    /// Two codes, as `BTC/USDT`, `BTC-USD` and `ETHBTC`.
    private(set) var pairs = 0
    /// Codes of state currencies.
    private(set) var currencies = 0
    /// Without any letter or digit: `$`.
    private(set) var signs = 0

    /// Takes a text that is too long to be looked into.
    mutating func addLong(_ bytes: Int) {
        count += 1
        totalBytes += bytes
        spaced += 1
    }

    /// Takes one text without blanks around it.
    mutating func add(_ text: Span<UInt8>) {
        count += 1
        totalBytes += text.count
        var (capitals, small, digits, blanks, others, letters) = (0, 0, 0, 0, 0, 0)
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): capitals += 1
            case UInt8(ascii: "a")...UInt8(ascii: "z"): small += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: " "): blanks += 1
            // The first byte of a two-byte letter and on; U+00A0 to U+00BF and U+2000 to U+2BFF are mostly signs.
            case 0xC3...0xE1, 0xE3...0xF4: letters += 1
            default: others += 1
            }
        }
        if blanks > 0 { spaced += 1 }
        if blanks == 0, others == 0, letters == 0, capitals > 0, small == 0, (2...6).contains(text.count) { self.capitals += 1 }
        if capitals == 0, small > 0, blanks == 0, text.count > 6 { slugs += 1 }
        if capitals > 0, small > 0, text.count > 4 { mixed += 1 }
        if capitals + small + digits + letters == 0 { signs += 1 }
        guard text.count <= 32, letters == 0 else {
            if Self.isLink(text) { links += 1 }
            return
        }
        if Self.isLink(text) { links += 1 }
        let word = String(decoding: text.bytes, as: UTF8.self).lowercased()
        if Vocabulary.stateCurrencies.contains(word) { currencies += 1 }
        if Self.isPair(word) { pairs += 1 }
    }

    private static func isLink(_ text: Span<UInt8>) -> Bool {
        guard text.count > 8 else { return false }
        for index in 0..<text.count - 2 where text[index] == UInt8(ascii: ":") {
            return text[index + 1] == UInt8(ascii: "/") && text[index + 2] == UInt8(ascii: "/")
        }
        return false
    }

    private static func isPair(_ word: String) -> Bool {
        let parts = word.split(whereSeparator: { "/-_:".contains($0) })
        if parts.count == 2 {
            guard parts[1].utf8.count <= 5 else { return false }
            // Some markets name the currency first: `THB_BTC`.
            return Vocabulary.separatedQuoteCodes.contains(String(parts[1])) || Vocabulary.stateCurrencies.contains(String(parts[0]))
        }
        guard parts.count == 1, word.utf8.count >= 6 else { return false }
        if Vocabulary.quoteCodes.contains(where: { word.hasSuffix($0) }) { return true }
        // `BTCAUD`: what stands before a rarer currency has to be a coin that is known.
        return Vocabulary.stateCurrencies.contains(String(word.suffix(3))) && Vocabulary.isOtherCurrency(String(word.dropLast(3)))
    }
}
