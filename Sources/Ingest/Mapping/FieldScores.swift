/// One field as one of ours, scored.
struct ScoredPair {
    /// Place of the field in `FieldScores.fields`.
    let field: Int
    let target: TickerField
    let score: Int
    var reasons: [String]
}

/// All pairs of a sample's free fields and of targets that are worth a look, scored by name, context, values and magnitude (spec section 4).
///
/// Score, 0 to 100: what the name says (`TargetPattern`). A name that would be applied is lowered by 30 points, into the band that is shown, when
/// the other fields speak against it (`SampleContext`). Then a pair drops a band, out of what is shown if it was there, when its values do not fit
/// (`ValueEvidence`), and one more when they are absurd beside what the store has (`MagnitudeCheck`). Nothing ever adds points.
struct FieldScores {
    /// More fields are no table that anybody has made by hand: the others give nothing.
    static let maximumFields = 512

    /// In the order that decides between equals: fewer parts, then the shorter name, then by its bytes. The source's own order says nothing.
    let fields: [SampledField]
    /// The best first; of equal ones that of the earlier target, then of the earlier field.
    let pairs: [ScoredPair]

    /// - Parameters:
    ///   - free: fields that are not spoken for.
    ///   - context: of all fields of the sample.
    ///   - taken: the field that gives the symbol, when that is settled.
    ///   - allows: whether a pair may be at all.
    init(
        free: [SampledField],
        context: SampleContext,
        symbol taken: SampledField?,
        stored: @escaping SchemaMapper.StoredValue,
        allows: (SampledField, TickerField) -> Bool
    ) {
        fields = Array(free.sorted(by: Self.isEarlier).prefix(Self.maximumFields))
        var pairs: [ScoredPair] = []
        for (index, field) in fields.enumerated() {
            guard let name = FieldName(path: field.path) else { continue }
            for target in TickerField.allCases where allows(field, target) {
                if let pair = Self.pair(index, field, name, target, context) { pairs.append(pair) }
            }
        }
        pairs.sort(by: Self.isBetter)
        let inferred = pairs.first { $0.target == .symbol && $0.score >= SchemaDecision.applied }.map { [fields] in fields[$0.field] }
        let symbols = taken ?? inferred
        let check = MagnitudeCheck(symbols: symbols, stored: stored)
        self.pairs = pairs.compactMap { [fields] pair in
            let field = fields[pair.field]
            return Self.lowered(pair, by: check.doubt(about: field, as: pair.target) ?? Self.doubt(about: field, as: pair.target, symbols))
        }.sorted(by: Self.isBetter)
    }

    /// What the fields of a sample say about each other.
    static func context(_ all: [SampledField]) -> SampleContext {
        SampleContext(all.sorted(by: isEarlier).prefix(maximumFields).map { ($0, FieldName(path: $0.path)) })
    }

    /// One name for many coins is that of something else, as of the currency.
    private static func doubt(about field: SampledField, as target: TickerField, _ symbols: SampledField?) -> String? {
        guard target == .name, field.values.present >= 3, field.values.isConstant, let symbols else { return nil }
        let different = Set(zip(field.values.first, symbols.values.first).compactMap { name, symbol in name == nil ? nil : symbol }).count
        return different >= 3 ? "against: \(different) symbols have the same name" : nil
    }

    private static func pair(_ index: Int, _ field: SampledField, _ name: FieldName, _ target: TickerField, _ context: SampleContext) -> ScoredPair? {
        guard let evidence = NameEvidence(name, as: target, in: context) else { return nil }
        switch ValueEvidence(field.values, as: target) {
        case .content(let reason): return ScoredPair(field: index, target: target, score: evidence.score, reasons: evidence.reasons + [reason])
        case .against(let reason):
            return lowered(ScoredPair(field: index, target: target, score: evidence.score, reasons: evidence.reasons), by: reason)
        case .impossible: return nil
        }
    }

    /// The pair a band lower, or nil when that is below what people are shown; the pair as it is when nothing speaks against it.
    private static func lowered(_ pair: ScoredPair, by reason: String?) -> ScoredPair? {
        guard let reason else { return pair }
        guard pair.score >= SchemaDecision.applied else { return nil }
        return ScoredPair(field: pair.field, target: pair.target, score: pair.score - bandWidth, reasons: pair.reasons + [reason])
    }

    /// From anywhere in the band that is applied this leads into the one that is shown.
    private static let bandWidth = SchemaDecision.applied - SchemaDecision.quarantined

    private static func isEarlier(_ a: SampledField, _ b: SampledField) -> Bool {
        if a.path.count != b.path.count { return a.path.count < b.path.count }
        if a.name.utf8.count != b.name.utf8.count { return a.name.utf8.count < b.name.utf8.count }
        return a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }

    private static func isBetter(_ a: ScoredPair, _ b: ScoredPair) -> Bool {
        if a.score != b.score { return a.score > b.score }
        if a.target != b.target { return a.target.ordinal < b.target.ordinal }
        return a.field < b.field
    }
}
