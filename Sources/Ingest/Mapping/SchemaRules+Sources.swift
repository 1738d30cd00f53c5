import MarketData

// What the configuration says of each kind of source.

extension SchemaRules {
    init(_ source: CSVSource, header: CSVHeader, mode: SourceDefinition.SchemaMode) {
        // Of two declared columns for one field the first in the file counts.
        declared = header.shapeNames.compactMap { name in source.declared[name].map { Pair(from: name, to: $0) } }
        constants = source.constantFields
        // It becomes the `origin` of the raw record (spec section 2).
        if header.index(of: Array("origin".utf8)) == nil { kept = ["source"] }
        infers = mode == .infer
    }

    init(_ source: HTTPSource, mode: SourceDefinition.SchemaMode) {
        declared = TickerField.allCases.compactMap { field in source.fields[field].map { Pair(from: $0, to: field) } }
        cautious = Set(source.fields.keys)
        constants = Set(source.format.constants.keys)
        infers = mode == .infer
    }

    init(_ source: FeedSource, mode: SourceDefinition.SchemaMode) {
        declared = TickerField.allCases.compactMap { field in
            guard let text = source.fields[field] else { return nil }
            return Pair(from: (try? FeedPath(text))?.description ?? text, to: field)
        }
        cautious = Set(source.fields.keys)
        constants = Set(source.format.constants.keys)
        infers = mode == .infer
    }
}

extension SchemaDecision {
    /// What the quarantine says of a record for want of a required field (spec section 4), by field; the best candidate is named.
    var unmappedReasons: [TickerField: [String]] {
        var reasons: [TickerField: [String]] = [:]
        for field in missing {
            // Reasons are kept in a list with commas between.
            let candidate = bestCandidate(for: field).map { ["candidate:\(field.rawValue)=\($0.from.replacing(",", with: ";"))"] } ?? []
            reasons[field] = ["unmapped_required"] + candidate
        }
        return reasons
    }

    /// What a run's error says of it; nil when every required field is given.
    ///
    /// - Parameters:
    ///   - source: for the command that helps.
    ///   - declared: the names that the configuration says, where it does.
    func complaint(source: String, declared: [TickerField: String] = [:]) -> String? {
        if missing.isEmpty { return nil }
        let candidates = missing.compactMap { bestCandidate(for: $0) }
        // One that is called exactly so and gives nothing is one that somebody has forbidden.
        let forbidden = missing.compactMap { field in unmapped.first { $0 == field.rawValue || $0 == "/" + field.rawValue } }
        let wanted = missing.map { field in declared[field].map { "\(field.rawValue) (no record has \($0))" } ?? field.rawValue }
        var text = "nothing gives \(wanted.joined(separator: ", "))"
        for name in forbidden { text += "; \(name) is forbidden, to take that back: kasparro mappings reset \(source) \(shellQuoted(name))" }
        if candidates.isEmpty, forbidden.isEmpty {
            text +=
                "; say under fields of the source what does. "
                + (unmapped.isEmpty ? "It has no others" : "Its other fields are: \(unmapped.prefix(40).joined(separator: ", "))")
        } else if !candidates.isEmpty {
            for candidate in candidates {
                // A value in another currency is never one in dollars: nobody is led there.
                if candidate.reasons.contains(where: { $0.contains("another currency") }) { continue }
                text += "; \(candidate.from) may be \(candidate.to.rawValue) (\(RunRecord.Mapping.literal(hundredths: candidate.confidence))): "
                text += "kasparro mappings approve \(source) \(shellQuoted("\(candidate.from)=\(candidate.to.rawValue)"))"
            }
            text += "; then: kasparro quarantine replay --source \(source)"
        }
        return text
    }
}
