/// A source's name for a field, read into words.
///
/// Parts come from the path, and from points and slashes inside it: `quote.USD.price` is a column of three. Words come from
/// `_ - . : / ( )` and blanks, from changes between small and capital letters and between letters and digits (`volumeUsd24Hr`), and, where
/// that gives an unknown one, from words written together (`marketcap`) or misspelt by one letter (`pirce`). A number and a unit are one word: `24h`.
/// The order of words says nothing.
struct FieldName {
    struct Word {
        /// As the name has it, in lower case.
        let text: String
        let meaning: Vocabulary.Meaning
        /// The word it is taken for when it is misspelt.
        var meant: String?
    }

    /// What a part that holds the values by currency says: `USD` in `/quotes/USD/price`.
    enum CurrencyKey: Equatable {
        case dollar
        case other(String)
    }

    /// Of the last part; while that says no fact, as `/volume/h24` does, also of the one above it.
    private(set) var words: [Word] = []
    /// Of the other parts, the nearest first.
    private(set) var parents: [Word] = []
    /// How many parts those are.
    private(set) var depth = 0
    /// The nearest of several.
    private(set) var currencyKey: CurrencyKey?

    /// A longer name is none that a person has chosen; nothing is inferred from it.
    static let maximumBytes = 256
    static let maximumParts = 12
    static let maximumWords = 24

    /// - Returns: nil for a name with nothing to read, or over the limits.
    init?(path: [String]) {
        guard path.count <= Self.maximumParts, path.reduce(0, { $0 + $1.utf8.count }) <= Self.maximumBytes else { return nil }
        let parts = path.flatMap(Self.parts).map(NameSplitter.words).filter { !$0.isEmpty }
        guard let last = parts.last, parts.count <= Self.maximumParts, parts.reduce(0, { $0 + $1.count }) <= Self.maximumWords else { return nil }
        words = last
        for part in parts.dropLast().reversed() { takeParent(part) }
        // `/current_price/usd`: the key stands last.
        if parts.count > 1, let key = Self.currencyKey(last) {
            currencyKey = key
            words.removeFirst()
        }
        guard !words.isEmpty else { return nil }
    }

    /// Whether a word of this meaning is in the field's own part.
    func says(_ meanings: Set<Vocabulary.Meaning>) -> Bool { words.contains { meanings.contains($0.meaning) } }

    /// Whether it says that an amount is in dollars.
    var saysDollars: Bool { currencyKey == .dollar || says([.usd]) }

    private mutating func takeParent(_ part: [Word]) {
        if let key = Self.currencyKey(part) {
            // Of `/RAW/BTC/USD/PRICE` the nearest one is what the price is in, and the other one the coin.
            if currencyKey == nil { currencyKey = key }
        } else if !words.contains(where: { Self.isFact($0.meaning) }) || part.allSatisfy({ Self.isPeriod($0.meaning) }) {
            words += part
        } else {
            parents += part
            depth += 1
        }
    }

    private static func currencyKey(_ part: [Word]) -> CurrencyKey? {
        guard part.count == 1, let word = part.first else { return nil }
        switch word.meaning {
        case .usd: return .dollar
        case .otherCurrency: return .other(word.text)
        default: return nil
        }
    }

    /// Whether a word can be what a field is about, and does not only tell more about one.
    private static func isFact(_ meaning: Vocabulary.Meaning) -> Bool {
        switch meaning {
        case .usd, .otherCurrency, .percent, .value, .filler: false
        default: !isPeriod(meaning)
        }
    }

    private static func isPeriod(_ meaning: Vocabulary.Meaning) -> Bool { meaning == .day || meaning == .nearDay || meaning == .otherPeriod }

    /// A part without its namespace prefix, and cut at points and slashes.
    private static func parts(of part: String) -> [Substring] {
        var text = Substring(part)
        // `d:PRICE`; but in `price:usd` the first is a word.
        if let colon = text.firstIndex(of: ":"), Vocabulary.meaning(of: text[..<colon].lowercased()) == nil {
            text = text[text.index(after: colon)...]
        }
        // In `Mkt. Cap.` the points end abbreviations.
        var parts: [Substring] = []
        var start = text.startIndex
        for index in text.indices where text[index] == "." || text[index] == "/" {
            let next = text.index(after: index)
            if text[index] == ".", next == text.endIndex || text[next] == " " { continue }
            parts.append(text[start..<index])
            start = next
        }
        return parts + [text[start...]]
    }
}
