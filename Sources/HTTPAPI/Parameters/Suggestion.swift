import MarketData

/// The end of an error message about a word that is not known.
enum Suggestion {
    /// ` Did you mean …?`, or nothing where no word is near.
    static func text(for word: String, among words: [String]) -> String {
        NearestName.of(word, among: words).map { " Did you mean `\($0)`?" } ?? ""
    }
}
