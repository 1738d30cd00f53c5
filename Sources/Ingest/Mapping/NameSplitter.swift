/// Cuts one part of a name into words and looks them up.
enum NameSplitter {
    /// The words of a part, in its order.
    static func words(of part: Substring) -> [FieldName.Word] {
        let tokens = tokens(of: part)
        var words: [FieldName.Word] = []
        var index = 0
        while index < tokens.count {
            if let (word, length) = period(in: tokens[index...]) {
                words.append(word)
                index += length
            } else {
                words += read(tokens[index])
                index += 1
            }
        }
        return words
    }

    // MARK: Cutting

    private enum Kind { case small, capital, digit, sign, none }

    /// Pieces of one kind of character in lower case; signs that mean something are pieces of their own.
    private static func tokens(of part: Substring) -> [String] {
        var tokens: [String] = []
        var current = ""
        var previous = Kind.none
        func end() {
            if !current.isEmpty { tokens.append(current.lowercased()) }
            current = ""
        }
        for scalar in part.unicodeScalars {
            let kind = kind(of: scalar)
            switch kind {
            case .none: end()
            case .sign:
                end()
                tokens.append(String(scalar))
            case .capital, .digit: if previous != kind { end() }
            case .small:
                if previous == .digit { end() }
                // In `USDPrice` the last capital begins the next word.
                if previous == .capital, current.unicodeScalars.count > 1, let first = current.unicodeScalars.popLast() {
                    end()
                    current.unicodeScalars.append(first)
                }
            }
            if kind != .none, kind != .sign { current.unicodeScalars.append(scalar) }
            previous = kind
        }
        end()
        return tokens
    }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x30...0x39: .digit
        case 0x41...0x5A: .capital
        case 0x61...0x7A: .small
        case 0x24, 0x25, 0xA3, 0xA5, 0x20A0...0x20CF: .sign
        case 0x80...: scalar.properties.isAlphabetic ? .small : .none
        default: .none
        }
    }

    // MARK: Looking up

    /// A number and its unit, in either order (`24h`, `h24`), or the number 24 alone; nil for anything else.
    private static func period(in tokens: ArraySlice<String>) -> (FieldName.Word, Int)? {
        guard let first = tokens.first else { return nil }
        let second = tokens.dropFirst().first
        let isNumber = first.utf8.first.map { $0 &- 0x30 < 10 } ?? false
        if isNumber, first.utf8.count <= 6, let count = Int(first) {
            if let second, let unit = Vocabulary.periodUnits[second] { return (period(count * unit, first + second), 2) }
            return count == 24 ? (FieldName.Word(text: first, meaning: .day), 1) : nil
        }
        if first.utf8.count == 1, let unit = Vocabulary.periodUnits[first], let second, second.utf8.count <= 6, let count = Int(second) {
            return (period(count * unit, first + second), 2)
        }
        return nil
    }

    private static func period(_ seconds: Int, _ text: String) -> FieldName.Word {
        FieldName.Word(text: text, meaning: seconds == 86_400 ? .day : .otherPeriod)
    }

    private static func read(_ token: String) -> [FieldName.Word] {
        switch token {
        case "%": return [FieldName.Word(text: token, meaning: .percent)]
        case "$": return [FieldName.Word(text: token, meaning: .usd)]
        case _ where token.unicodeScalars.count == 1 && kind(of: token.unicodeScalars.first ?? "a") == .sign:
            return [FieldName.Word(text: token, meaning: .otherCurrency)]
        default: break
        }
        if let meaning = Vocabulary.meaning(of: token) { return [FieldName.Word(text: token, meaning: meaning)] }
        let letters = Array(token.utf8)
        if let words = together(letters[...], atMost: 4) { return words }
        if let meant = misspelt(letters), let meaning = Vocabulary.meaning(of: meant) {
            return [FieldName.Word(text: token, meaning: meaning, meant: meant)]
        }
        return [FieldName.Word(text: token, meaning: .unknown)]
    }

    /// Short words that end one that is written together: `coinid`, `createdat`, `volumeto`.
    private static let shortEnds: Set<String> = ["id", "at", "to"]
    /// The longest token that is looked at for more than one word.
    private static let longestTogether = 32

    /// Words of three letters and more that are written together, or nil; as few as possible, the longest first.
    private static func together(_ letters: ArraySlice<UInt8>, atMost count: Int) -> [FieldName.Word]? {
        guard count > 0, letters.count <= longestTogether else { return nil }
        if let word = known(letters), letters.count > 2 || shortEnds.contains(word.text) { return [word] }
        guard letters.count >= 5 else { return nil }
        for length in stride(from: letters.count - 2, through: 3, by: -1) {
            guard let first = known(letters.prefix(length)), let rest = together(letters.dropFirst(length), atMost: count - 1) else { continue }
            return [first] + rest
        }
        return nil
    }

    private static func known(_ letters: ArraySlice<UInt8>) -> FieldName.Word? {
        let text = String(decoding: letters, as: UTF8.self)
        return Vocabulary.meaning(of: text).map { FieldName.Word(text: text, meaning: $0) }
    }

    /// The first word of the table, by its letters, that has one letter more, less or other, or two neighbours swapped, and the same first letter.
    private static func misspelt(_ letters: [UInt8]) -> String? {
        guard letters.count >= Vocabulary.shortestMisspelt, letters.count <= longestTogether, let first = letters.first else { return nil }
        return Vocabulary.byFirstLetter[first]?.first { isOneEditAway(letters, Array($0.utf8)) }
    }

    static func isOneEditAway(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard abs(a.count - b.count) <= 1 else { return false }
        var start = 0
        while start < min(a.count, b.count), a[start] == b[start] { start += 1 }
        var ends = (a.count, b.count)
        while ends.0 > start, ends.1 > start, a[ends.0 - 1] == b[ends.1 - 1] { ends = (ends.0 - 1, ends.1 - 1) }
        switch (ends.0 - start, ends.1 - start) {
        case (0, 0), (0, 1), (1, 0), (1, 1): return true
        case (2, 2): return a[start] == b[start + 1] && a[start + 1] == b[start]
        default: return false
        }
    }
}
