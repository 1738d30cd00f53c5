package import MarketData

/// One line of `kasparro mappings list`: a source's field and what it gives, or might.
package struct MappingEntry: Sendable, Equatable {
    /// What the field is to us.
    package enum Status: String, Sendable {
        /// It gives the field of ours.
        case applied
        /// It may; a person should look at it.
        case quarantined
        /// A person said that it does; no record has had it since.
        case approved
        /// A person said that it does not.
        case forbidden
        /// It gives nothing, and nobody has said anything about it.
        case unmapped
    }

    package var source: String
    /// The source's name.
    package var from: String
    /// Ours; nil for a field that gives nothing, or must not.
    package var to: String?
    package var status: Status
    /// `declared`, `approved`, `exact` or `inferred`; nil where nothing was decided.
    package var origin: String?
    /// From 0 to 100.
    package var confidence: Int?
    package var reasons: [String]
}

extension MappingEntry {
    /// Appends the members to an object that is open.
    package func appendMembers(to writer: inout JSONWriter) {
        writer.member("source", source)
        writer.member("from", from)
        writer.member("to", to)
        writer.member("status", status.rawValue)
        writer.member("origin", origin)
        if let confidence {
            writer.key("confidence")
            writer.number(literal: Array(RunRecord.Mapping.literal(hundredths: confidence).utf8))
        } else {
            writer.nullMember("confidence")
        }
        writer.array("reasons", reasons) { $0.string($1) }
    }

    /// From what `appendMembers` wrote; nil when it is something else.
    package init?(_ value: JSONValue) {
        guard let source = value.member("source")?.string, let from = value.member("from")?.string,
            let status = value.member("status")?.string.flatMap(Status.init)
        else { return nil }
        self.init(
            source: source,
            from: from,
            to: value.member("to")?.string,
            status: status,
            origin: value.member("origin")?.string,
            confidence: value.member("confidence").flatMap { $0.isNull ? nil : RunRecord.Mapping.hundredths($0) },
            reasons: value.member("reasons")?.elements.compactMap(\.string) ?? []
        )
    }
}

extension [MappingEntry] {
    /// What a store's state has of one source's mappings, or of all sources'.
    package init(state: [(key: String, value: [UInt8])], source: String?) {
        let registry = SchemaRegistry(state)
        self = registry.sources.filter { source == nil || $0 == source }.flatMap { registry.entries(of: $0) }
    }
}

extension SchemaRegistry {
    /// What is known of a source's mappings: what its shapes use, newest first, what they do not, and what people said beside that.
    func entries(of source: String) -> [MappingEntry] {
        var entries: [MappingEntry] = []
        func add(_ entry: MappingEntry) {
            if !entries.contains(where: { $0.from == entry.from && $0.to == entry.to }) { entries.append(entry) }
        }
        let approvals = approvals(of: source)
        let shapes = shapes(of: source).reversed()
        for field in TickerField.allCases {
            for match in shapes.compactMap({ $0.decision.match(for: field) }) { add(MappingEntry(source, match, .applied)) }
        }
        for (from, to) in approvals.approved.sorted(by: { $0.key < $1.key }) {
            add(MappingEntry(source: source, from: from, to: to.rawValue, status: .approved, reasons: []))
        }
        for candidate in shapes.flatMap(\.decision.candidates) { add(MappingEntry(source, candidate, .quarantined)) }
        // What was said last counts, though the shapes were decided before it.
        entries.removeAll { entry in
            approvals.forbiddenFields.contains(entry.from)
                || entry.to.flatMap(TickerField.init).map { approvals.forbidden.contains(.init(from: entry.from, to: $0)) } ?? false
        }
        for pair in approvals.forbidden.sorted(by: { ($0.from, $0.to.ordinal) < ($1.from, $1.to.ordinal) }) {
            add(MappingEntry(source: source, from: pair.from, to: pair.to.rawValue, status: .forbidden, reasons: []))
        }
        for from in approvals.forbiddenFields.sorted() {
            add(MappingEntry(source: source, from: from, to: nil, status: .forbidden, reasons: []))
        }
        let told = Set(entries.map(\.from))
        for from in shapes.flatMap(\.decision.unmapped) where !told.contains(from) {
            add(MappingEntry(source: source, from: from, to: nil, status: .unmapped, reasons: []))
        }
        return entries
    }
}

extension MappingEntry {
    fileprivate init(_ source: String, _ match: SchemaDecision.Match, _ status: Status) {
        self.init(
            source: source,
            from: match.from,
            to: match.to.rawValue,
            status: status,
            origin: match.origin.rawValue,
            confidence: match.confidence,
            reasons: match.reasons
        )
    }
}
