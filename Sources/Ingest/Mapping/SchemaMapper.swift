/// Decides which fields of a source give which of ours (spec section 4). Pure: the same sample, rules and magnitudes give the same decision.
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
        var decision = SchemaDecision()
        var free = sample.fields.map(\.name)
        var open = TickerField.allCases.filter { !rules.constants.contains($0) }
        func take(_ from: String, _ to: TickerField, _ origin: SchemaDecision.Origin, _ reason: String) {
            guard let target = open.firstIndex(of: to), let place = free.firstIndex(of: from) else { return }
            open.remove(at: target)
            free.remove(at: place)
            decision.matches.append(.init(from: from, to: to, confidence: 100, reasons: [reason], origin: origin))
        }
        for pair in rules.declared { take(pair.from, pair.to, .declared, "declared") }
        let names = sample.fields.map(\.name)
        for field in TickerField.allCases {
            for name in names where rules.approved.contains(.init(from: name, to: field)) { take(name, field, .approved, "approved") }
        }
        for field in sample.fields {
            guard let target = field.path.count == 1 ? TickerField(rawValue: field.path[0]) : nil, !rules.forbids(field.name, target) else {
                continue
            }
            take(field.name, target, .exact, "exact name")
        }
        decision.matches.sort { $0.to.ordinal < $1.to.ordinal }
        decision.unmapped = free
        decision.missing = TickerField.required.filter { open.contains($0) }
        return decision
    }
}
