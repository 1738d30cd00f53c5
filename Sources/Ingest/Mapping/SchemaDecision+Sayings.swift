/// What becomes of a decision that was made when people approve or forbid something afterwards: only that changes.
extension SchemaDecision {
    /// - Parameter names: the shape's fields.
    func following(_ rules: SchemaRules, names: [String]) -> SchemaDecision {
        var followed = self
        // What was approved before and is not any more gives nothing until it is looked at anew.
        followed.matches.removeAll { match in
            rules.forbids(match.from, match.to) || match.origin == .approved && !rules.approved.contains(.init(from: match.from, to: match.to))
        }
        followed.candidates.removeAll { rules.forbids($0.from, $0.to) }
        for pair in rules.approved.sorted(by: { ($0.to.ordinal, $0.from) < ($1.to.ordinal, $1.from) }) where names.contains(pair.from) {
            let isSettled = followed.matches.contains { $0.to == pair.to && ($0.origin == .declared || $0.origin == .approved) }
            if isSettled || rules.constants.contains(pair.to) { continue }
            followed.matches.removeAll { $0.to == pair.to || $0.from == pair.from && $0.origin != .declared }
            followed.candidates.removeAll { $0.from == pair.from }
            followed.matches.append(Match(from: pair.from, to: pair.to, confidence: 100, reasons: ["approved"], origin: .approved))
        }
        followed.matches.sort { $0.to.ordinal < $1.to.ordinal }
        let used = Set((followed.matches + followed.candidates).map(\.from))
        followed.unmapped = names.filter { !used.contains($0) && !kept.contains($0) }
        followed.missing = TickerField.required.filter { field in !rules.constants.contains(field) && followed.match(for: field) == nil }
        return followed
    }
}
