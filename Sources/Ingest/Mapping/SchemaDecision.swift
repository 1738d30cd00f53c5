/// Which fields of a source give which of ours, and why: the outcome for one shape (spec section 4).
struct SchemaDecision: Sendable, Equatable {
    /// Who said so, best first.
    enum Origin: String, Sendable {
        case declared, approved, exact, inferred
    }

    /// A source's field for one of ours.
    struct Match: Sendable, Equatable {
        var from: String
        var to: TickerField
        /// From 0 to 100; 80 is enough to be applied, 50 to be looked at by people.
        var confidence: Int
        /// For people: what speaks for it, and what against.
        var reasons: [String]
        var origin: Origin
        /// Whether this is an amount of which neither its name nor people say that it is in dollars, so that the record's currency counts.
        var isByCurrency = false
    }

    /// Confidence from which a match is applied, and from which it is shown.
    static let applied = 80
    static let quarantined = 50

    /// What is used; each target once, each source field once; in the order of `TickerField.allCases`.
    var matches: [Match] = []
    /// What is not used and wants a person's judgement; each source field once, in the source's order.
    var candidates: [Match] = []
    /// Source fields that give nothing and are no candidates, in the source's order.
    var unmapped: [String] = []
    /// Those that give none of ours and are known all the same; see `SchemaRules.kept`.
    var kept: Set<String> = []
    /// Required targets that nothing gives.
    var missing: [TickerField] = []
    /// What says what amounts are in; see `checkedCurrencies`.
    var currencies: [CurrencyField] = []

    func match(for field: TickerField) -> Match? { matches.first { $0.to == field } }
    /// The best candidate for a target.
    func bestCandidate(for field: TickerField) -> Match? {
        candidates.filter { $0.to == field }.max { ($0.confidence, $1.from) < ($1.confidence, $0.from) }
    }
}
