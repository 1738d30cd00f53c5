import MarketData

/// Gives each target one field at most and each field one target at most, from scored pairs: the best pair first (spec section 4).
///
/// Two fields whose scores for one target are less than 3 apart say the same by their names. When their values are the same too, the earlier one
/// (`FieldScores.fields`) is taken; when they differ, or nothing is known of them, neither is: nobody but a person can tell which one is meant.
/// Only of fields at different depths the nearest to the record's root is taken, whatever its values: it is the record's own.
struct Assignment {
    /// Pairs that are applied.
    private(set) var applied: [ScoredPair] = []
    /// Pairs that a person should look at, one for a field: the best of those that are not ruled out; their reasons say why they are not applied.
    private(set) var shown: [ScoredPair] = []

    /// Score from which a name is explicit enough to stand in for a field that the configuration says and the sample does not have.
    static let explicit = 90
    /// Scores this near are equal.
    static let margin = 3

    /// - Parameters:
    ///   - open: targets that nothing gives yet.
    ///   - settled: targets for which people have named a field: no other is shown for them.
    ///   - cautious: open targets that the configuration gives another field, which is not there: only an explicit name is taken for them.
    init(_ scores: FieldScores, open: Set<TickerField>, settled: Set<TickerField>, cautious: Set<TickerField> = []) {
        var taken: [TickerField: String] = [:]
        var used: Set<Int> = []
        var ambiguous: [TickerField: [Int]] = [:]
        /// Whether a pair could still be taken.
        func isAvailable(_ pair: ScoredPair) -> Bool {
            pair.score >= (cautious.contains(pair.target) ? Self.explicit : SchemaDecision.applied) && open.contains(pair.target)
                && taken[pair.target] == nil && ambiguous[pair.target] == nil
                && !used.contains(pair.field)
        }
        for pair in scores.pairs where isAvailable(pair) {
            // A field that is better as something else is no rival.
            let equals = scores.pairs.filter { other in
                other.target == pair.target && other.score > pair.score - Self.margin && isAvailable(other)
                    && scores.pairs.first { $0.field == other.field && isAvailable($0) }?.target == pair.target
            }
            let first = equals.min { $0.field < $1.field } ?? pair
            let nearest = scores.fields[first.field]
            let differ = equals.filter {
                let other = scores.fields[$0.field]
                return other.path.count == nearest.path.count && !Self.haveSameValues(nearest, other, as: pair.target)
            }
            if !differ.isEmpty {
                ambiguous[pair.target] = equals.map(\.field)
                used.formUnion(equals.map(\.field))
            } else {
                taken[pair.target] = scores.fields[first.field].name
                used.insert(first.field)
                applied.append(first)
            }
        }
        var seen = Set(applied.map(\.field))
        for pair in scores.pairs where !settled.contains(pair.target) && seen.insert(pair.field).inserted {
            var pair = Self.shown(pair, scores, taken[pair.target], ambiguous[pair.target] ?? [], isOpen: open.contains(pair.target))
            if cautious.contains(pair.target), taken[pair.target] == nil, ambiguous[pair.target] == nil {
                pair.reasons.append("against: the configuration says another field, which is not there")
            }
            shown.append(pair)
        }
    }

    /// The pair as people see it, below what is applied.
    private static func shown(_ pair: ScoredPair, _ scores: FieldScores, _ taker: String?, _ equals: [Int], isOpen: Bool) -> ScoredPair {
        var reasons = pair.reasons
        if let taker {
            reasons.append("against: \(pair.target.rawValue) is given by \(taker)")
        } else if !isOpen {
            reasons.append("against: \(pair.target.rawValue) has a field of its own")
        } else if equals.contains(pair.field) {
            let others = equals.filter { $0 != pair.field }.sorted().map { scores.fields[$0].name }.joined(separator: ", ")
            reasons.append("against: \(others) says the same, with other values")
        }
        return ScoredPair(field: pair.field, target: pair.target, score: min(pair.score, SchemaDecision.applied - 1), reasons: reasons)
    }

    /// Whether two fields give a target the same, as far as their values were kept; false when there are none.
    private static func haveSameValues(_ a: SampledField, _ b: SampledField, as target: TickerField) -> Bool {
        if a.name == b.name { return true }
        guard a.values.present > 0, a.values.present == b.values.present, a.values.first.count == b.values.first.count else { return false }
        return zip(a.values.first, b.values.first).allSatisfy { first, second in
            guard let first, let second else { return first == nil && second == nil }
            return first == second || sameMeaning(first, second, target)
        }
    }

    private static func sameMeaning(_ a: [UInt8], _ b: [UInt8], _ target: TickerField) -> Bool {
        switch target {
        case .price, .volume, .marketCap, .percentChange:
            guard let a = NumberCounts.literal(a.span), let b = NumberCounts.literal(b.span) else { return false }
            return DecimalLiteral.compare(a.digits.span, b.digits.span) == 0
        case .timestamp:
            guard let a = try? Timestamp.parse(a.span), let b = try? Timestamp.parse(b.span) else { return false }
            return a == b
        case .symbol, .name, .sourceID: return false
        }
    }
}
