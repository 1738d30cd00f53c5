/// How well a name says one of our fields.
struct NameEvidence {
    typealias Word = FieldName.Word

    /// From 50 to `TargetPattern.best`; names below are not looked at any further.
    private(set) var score: Int
    /// For people: what speaks for it, then what against.
    private(set) var reasons: [String]

    /// - Returns: nil when the name rules the target out, or says less than half of it.
    init?(_ name: FieldName, as target: TickerField, in context: SampleContext) {
        let pattern = TargetPattern.all[target.ordinal]
        if pattern.isMoney, case .other = name.currencyKey { return nil }
        let readings = pattern.heads.compactMap { Self.read(name, pattern, $0, context) }
        // The first of equal ones, so that the outcome is the same every time.
        guard let score = readings.map(\.score).max(), score >= SchemaDecision.quarantined, let best = readings.first(where: { $0.score == score })
        else { return nil }
        self = best
        if let doubt = context.doubt(about: target, name) {
            if score >= SchemaDecision.applied { self.score -= TargetPattern.contextCost }
            reasons.append(doubt)
        }
    }

    private init(score: Int, reasons: [String]) {
        self.score = score
        self.reasons = reasons
    }

    private static func read(_ name: FieldName, _ pattern: TargetPattern, _ head: TargetPattern.Head, _ context: SampleContext) -> NameEvidence? {
        guard head.words.allSatisfy({ meaning in name.words.contains { $0.meaning == meaning } }) else { return nil }
        var score = head.score - TargetPattern.depthCost * min(3, name.depth)
        var spoken: [String] = []
        var against: [String] = []
        for word in name.words {
            if word.meaning == .unknown {
                score -= TargetPattern.unknownCost
                against.append("against: the word \(word.text) is not known")
            } else if let cost = pattern.costsWithoutDollars[word.meaning], name.currencyKey != .dollar, !name.says([.usd]) {
                score -= cost
                against.append("against: the name also says \(word.text), and no dollars")
            } else if head.words.contains(word.meaning) || pattern.free.contains(word.meaning), head.costs[word.meaning] == nil {
                spoken.append(word.text)
            } else if let cost = head.costs[word.meaning] ?? pattern.costs[word.meaning] {
                score -= cost
                against.append("against: the name also says \(word.text)\(word.meaning.inWords)")
            } else {
                return nil
            }
            if let meant = word.meant {
                score -= TargetPattern.misspeltCost
                against.append("against: \(word.text) is taken for \(meant)")
            }
        }
        for word in name.parents {
            if word.meaning == .unknown {
                score -= TargetPattern.unknownParentCost
                against.append("against: it stands below \(word.text), which is not known")
            } else if let cost = parentCost(word, pattern, head) {
                score -= cost
                if cost > 0 { against.append("against: it stands below \(word.text)\(word.meaning.inWords)") }
            } else {
                return nil
            }
        }
        if name.currencyKey == .dollar, pattern.isMoney { spoken.append("usd") }
        for wanted in pattern.wanted where !name.says(wanted.oneOf) && !(wanted.oneOf.contains(.usd) && context.saysDollars(name)) {
            score -= wanted.cost
            against.append("against: the name says no \(wanted.what)")
        }
        let words = spoken.count == 1 ? "the word \(spoken[0])" : "the words \(spoken.joined(separator: ", "))"
        return NameEvidence(score: score, reasons: ["name: \(words)"] + against)
    }

    /// What a word above the field costs; nil when it rules the target out.
    private static func parentCost(_ word: Word, _ pattern: TargetPattern, _ head: TargetPattern.Head) -> Int? {
        switch word.meaning {
        case .container, .filler, .entity, .currency, .ticker, .last, .total, .value, .usd: 0
        // The quote of a coin holds its price; a quote's own symbol is that of another one.
        case .quote, .market: pattern.isText ? nil : 0
        case .otherCurrency: pattern.costs[.otherCurrency] ?? 0
        case _ where head.words.contains(word.meaning) || pattern.free.contains(word.meaning): 0
        default: pattern.costs[word.meaning]
        }
    }
}

extension Vocabulary.Meaning {
    /// For people, behind the word itself.
    fileprivate var inWords: String {
        switch self {
        case .otherCurrency: ", another currency"
        case .otherPeriod, .nearDay: ", another period than 24 hours"
        case .epoch: ", a unit"
        case .fetched: ", when it was taken"
        case .close: ", the last of a period"
        default: ""
        }
    }
}
