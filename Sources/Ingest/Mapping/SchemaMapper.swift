/// Decides which fields of a source give which of ours (spec section 4). Pure: the same sample, rules and magnitudes give the same decision,
/// whatever the order of the fields.
///
/// Four steps, and what one has settled the next does not touch:
/// 1. declared fields, in the order of the configuration, but for those that people have forbidden since;
/// 2. approved ones;
/// 3. fields of the record itself that are called exactly like ours;
/// 4. inferred ones: every other field is scored for every target (`FieldScores`: `NameEvidence` by the words of `Vocabulary` and the points of
///    `TargetPattern`, `SampleContext`, `ValueEvidence`, `MagnitudeCheck`), and the best pairs are taken one to one (`Assignment`).
///
/// A score of 80 and more is applied, one of 50 and more shown to people, as is a good one whose target is given by another field. Only for a target
/// whose field or constant people have declared nothing else is shown. When a source that says its own fields (`SchemaRules.cautious`) has lost one,
/// only a name of 90 and more takes its place.
struct SchemaMapper {
    /// What the store holds, to compare with.
    ///
    /// - Parameters:
    ///   - symbol: upper case.
    ///   - field: `.price`, `.volume` or `.marketCap`.
    /// - Returns: the newest value of that symbol from any source; nil when there is none.
    typealias StoredValue = (_ symbol: String, _ field: TickerField) -> Double?

    let rules: SchemaRules
    let stored: StoredValue

    init(rules: SchemaRules, stored: @escaping StoredValue = { _, _ in nil }) {
        self.rules = rules
        self.stored = stored
    }

    func decide(_ sample: SchemaSample) -> SchemaDecision {
        var state = Progress(sample, open: Set(TickerField.allCases).subtracting(rules.constants))
        var settled = rules.constants
        for pair in rules.declared where !rules.forbids(pair.from, pair.to) && state.take(pair.from, pair.to, .declared, "declared") {
            settled.insert(pair.to)
        }
        for pair in rules.approved.sorted(by: { ($0.to.ordinal, $0.from) < ($1.to.ordinal, $1.from) }) {
            _ = state.take(pair.from, pair.to, .approved, "approved")
        }
        // A frozen source is as people have left it.
        let context = rules.infers ? FieldScores.context(sample.fields) : nil
        for field in sample.fields {
            guard field.path.count == 1, let target = TickerField(rawValue: field.path[0]), !rules.forbids(field.name, target) else { continue }
            if let context, context.rulesOutExact(target) { continue }
            _ = state.take(field.name, target, .exact, "exact name")
        }
        guard let context else { return state.decision(sample, kept: rules.kept) }
        infer(sample, context, &state, settled)
        var decision = state.decision(sample, kept: rules.kept)
        decision.currencies = context.currencies
        for index in decision.matches.indices { decision.matches[index].isByCurrency = Self.isByCurrency(decision.matches[index], sample) }
        return decision
    }

    private static func isByCurrency(_ match: SchemaDecision.Match, _ sample: SchemaSample) -> Bool {
        guard match.to.isAmount, match.origin == .exact || match.origin == .inferred, let field = sample[match.from] else { return false }
        return FieldName(path: field.path).map { !$0.saysDollars } ?? false
    }

    private func infer(_ sample: SchemaSample, _ context: SampleContext, _ state: inout Progress, _ settled: Set<TickerField>) {
        let symbol = state.matches.first { $0.to == .symbol }.flatMap { sample[$0.from] }
        let scores = FieldScores(free: sample.fields.filter { state.free.contains($0.name) }, context: context, symbol: symbol, stored: stored) {
            !settled.contains($1) && !rules.forbids($0.name, $1)
        }
        // What people have declared and forbidden again is open to all.
        let undone = Set(rules.declared.filter { rules.forbids($0.from, $0.to) }.map(\.to))
        let cautious = rules.cautious.intersection(state.open).subtracting(undone)
        let assignment = Assignment(scores, open: state.open, settled: settled, cautious: cautious)
        func match(_ pair: ScoredPair) -> SchemaDecision.Match {
            .init(from: scores.fields[pair.field].name, to: pair.target, confidence: pair.score, reasons: pair.reasons, origin: .inferred)
        }
        for pair in assignment.applied { state.take(match(pair)) }
        state.candidates = assignment.shown.map(match)
    }
}

extension SchemaMapper {
    /// What is settled and what is not.
    private struct Progress {
        private let names: Set<String>
        var free: Set<String>
        var open: Set<TickerField>
        var matches: [SchemaDecision.Match] = []
        var candidates: [SchemaDecision.Match] = []

        init(_ sample: SchemaSample, open: Set<TickerField>) {
            names = Set(sample.fields.map(\.name))
            free = names
            self.open = open
        }

        /// Takes what people or the name itself say; false when the source does not have the field, or one of the two is taken.
        mutating func take(_ from: String, _ to: TickerField, _ origin: SchemaDecision.Origin, _ reason: String) -> Bool {
            // People may declare one field for two of ours, as a symbol that is the source's id as well.
            guard open.contains(to), origin == .declared ? names.contains(from) : free.contains(from) else { return false }
            take(.init(from: from, to: to, confidence: 100, reasons: [reason], origin: origin))
            return true
        }

        mutating func take(_ match: SchemaDecision.Match) {
            open.remove(match.to)
            free.remove(match.from)
            matches.append(match)
        }

        func decision(_ sample: SchemaSample, kept: Set<String>) -> SchemaDecision {
            let shown = Dictionary(candidates.map { ($0.from, $0) }, uniquingKeysWith: { first, _ in first })
            var decision = SchemaDecision()
            decision.matches = matches.sorted { $0.to.ordinal < $1.to.ordinal }
            decision.candidates = sample.fields.compactMap { shown[$0.name] }
            decision.kept = kept.intersection(names)
            decision.unmapped = sample.fields.map(\.name).filter { free.contains($0) && shown[$0] == nil && !kept.contains($0) }
            decision.missing = TickerField.required.filter { open.contains($0) }
            return decision
        }
    }
}
