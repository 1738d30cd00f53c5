import MarketData

/// The field in which a source's records say how good they are among the others of their page: of two records with one identity the better one
/// becomes the row (spec section 5).
struct RankField {
    /// Best first, in lower case and without what is between words.
    private static let names = ["rank", "marketcaprank", "mcaprank", "cmcrank", "coinrank"]

    let pointer: JSONPointer

    /// - Parameter pointers: the names of the records' fields.
    /// - Returns: nil when none of them is a rank.
    init?(among pointers: [String]) {
        let found = pointers.lazy.compactMap { JSONPointer($0) }.compactMap { pointer in
            Self.place(of: pointer).map { (pointer: pointer, depth: pointer.tokens.count, place: $0) }
        }
        guard let best = found.min(by: { ($0.depth, $0.place) < ($1.depth, $1.place) }) else { return nil }
        pointer = best.pointer
    }

    private static func place(of pointer: JSONPointer) -> Int? {
        guard let last = pointer.tokens.last else { return nil }
        let letters = String(decoding: last.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }, as: UTF8.self).lowercased()
        return names.firstIndex(of: letters)
    }

    /// A record's rank: 1 is the best; what says none, as null and 0 do, comes last.
    func rank(of record: JSONValue?) -> Int64 {
        guard let value = record?.pointer(pointer) else { return .max }
        let rank = value.integer ?? value.string.flatMap { Int64($0) } ?? 0
        return rank > 0 ? rank : .max
    }
}
