import MarketData
import Synchronization
import TickerStore

/// The shapes that one run meets, and what it tells of them: each mapping and change once.
final class RunSchemas: Sendable {
    /// Of each list so many entries are told.
    private static let told = 1_000

    let registry: SchemaRegistry
    private let sequence: Int
    /// Whether nothing is to be learnt: what the registry knows then is a copy.
    private let isTransient: Bool
    /// Whether its records are some of a shape, and not the first of a page.
    private let isPartial: Bool
    private let firstVersion: Int
    private let stored: @Sendable (_ symbol: String, _ field: TickerField) -> Double?
    private let state = Mutex(State())

    private struct State {
        /// Shapes for which the number of the schema went up in this run, by key.
        var bumped: Set<String> = []
        /// Shapes that were told of, by key and basis.
        var told: Set<String> = []
        /// By source: the shape that is new in this run.
        var current: [String: String] = [:]
        var report = MappingReport()
        var isReportChanged = false
    }

    /// - Parameters:
    ///   - sequence: the run's number.
    ///   - isTransient: Whether nothing is to be learnt from this run.
    ///   - isPartial: Whether its records are some of a shape, as those out of the quarantine are.
    ///   - stored: what the store holds, to compare new shapes with.
    init(
        registry: SchemaRegistry = SchemaRegistry(),
        sequence: Int = 0,
        isTransient: Bool = false,
        isPartial: Bool = false,
        stored: @escaping @Sendable (_ symbol: String, _ field: TickerField) -> Double? = { _, _ in nil }
    ) {
        self.registry = isTransient ? registry.copy() : registry
        self.isTransient = isTransient
        self.isPartial = isPartial
        firstVersion = registry.version
        self.sequence = sequence
        self.stored = stored
    }

    /// The number of the schema.
    var version: Int { isTransient ? firstVersion : registry.version }

    /// What the run's record says of mappings.
    var report: MappingReport { state.withLock { $0.report } }

    /// The shape of records with these names.
    ///
    /// - Parameters:
    ///   - sample: the first records; looked at when there is no decision yet.
    ///   - decided: takes a decision that was made just now, whether the shape was unknown before, and the one warning about it, if there is one.
    func shape(
        of source: String,
        names: [String],
        rules: SchemaRules,
        isOpen: Bool,
        sample: () -> SchemaSample,
        decided: (SchemaDecision, _ isUnknown: Bool, _ warning: String?) -> Void
    ) -> KnownShape {
        let question = SchemaRegistry.Question(
            source: source,
            names: names,
            rules: rules,
            isOpen: isOpen,
            current: state.withLock { $0.current[source] },
            isPartial: isPartial
        )
        var answer = registry.answer(question) { rules, others in
            var sample = sample()
            let known = Set(sample.fields.map(\.name))
            // A field that these records lack is there all the same: nothing takes its place.
            for name in others where !known.contains(name) {
                let path = JSONPointer(name)?.tokens.map { String(decoding: $0, as: UTF8.self) } ?? [name]
                sample.fields.append(SampledField(name: name, path: path))
            }
            return SchemaMapper(rules: rules, stored: stored).decide(sample)
        }
        // Older versions have decided without them.
        answer.shape.decision.unmapped.removeAll { rules.kept.contains($0) }
        if answer.isNew { decided(answer.shape.decision, answer.isUnknown, Self.warning(about: answer)) }
        state.withLock { state in
            if answer.isNew { state.current[source] = answer.shape.id }
            if answer.isBump { state.bumped.insert(answer.shape.key) }
            guard state.told.insert(answer.shape.key + answer.shape.basis + answer.shape.sayings).inserted else { return }
            state.report.add(answer.shape, limit: Self.told)
            state.isReportChanged = true
        }
        return answer.shape
    }

    /// Takes note of types that a shape did not have; gives the shape as it is now.
    func note(_ types: FieldTypes, of shape: KnownShape) -> KnownShape {
        let isBumped = state.withLock { $0.bumped.contains(shape.key) }
        guard let (known, changes) = registry.learn(types, of: shape, isBumped: isBumped) else { return shape }
        guard !changes.isEmpty else { return known }
        state.withLock { state in
            state.bumped.insert(shape.key)
            state.report.typeChanges += changes.prefix(Self.told - state.report.typeChanges.count)
            state.isReportChanged = true
        }
        return known
    }

    /// What the next commit has to take along; given back with `putBack` when it fails.
    func takeChanges() -> [StateChange] {
        let report = state.withLock { state -> MappingReport? in
            defer { state.isReportChanged = false }
            return state.isReportChanged ? state.report : nil
        }
        return (isTransient ? [] : registry.takeUnstored()) + (report.map { [RunState.mappings($0, sequence: sequence)] } ?? [])
    }

    func putBack(_ changes: [StateChange]) { registry.putBack(changes.filter { !$0.key.hasPrefix(RunState.prefix) }) }

    /// What people said of a shape they know, and a configuration that changes nothing of it needs no words.
    private static func warning(about answer: SchemaRegistry.Answer) -> String? {
        guard answer.isUnknown || answer.isBump && !answer.isFollowing else { return nil }
        let decision = answer.shape.decision
        var parts: [String] = []
        let inferred = decision.matches.filter { $0.origin == .inferred }
        if !inferred.isEmpty { parts.append("found out: " + inferred.map { "\($0.from) is \($0.to.rawValue)" }.joined(separator: ", ")) }
        if !decision.candidates.isEmpty {
            parts.append("not used, see kasparro mappings: " + decision.candidates.map { "\($0.from) as \($0.to.rawValue)" }.joined(separator: ", "))
        }
        if !decision.unmapped.isEmpty { parts.append("gives nothing: " + decision.unmapped.prefix(40).joined(separator: ", ")) }
        if parts.isEmpty { return nil }
        return "fields of a \(answer.isUnknown ? "new shape" : "known shape, looked at anew"): " + parts.joined(separator: "; ")
    }
}

/// What a run's record says of mappings (spec section 6).
struct MappingReport: Sendable, Equatable {
    var applied: [RunRecord.Mapping] = []
    var quarantined: [RunRecord.Mapping] = []
    var typeChanges: [RunRecord.TypeChange] = []

    fileprivate mutating func add(_ shape: KnownShape, limit: Int) {
        func append(_ match: SchemaDecision.Match, to list: inout [RunRecord.Mapping]) {
            let mapping = RunRecord.Mapping(
                source: shape.source,
                from: match.from,
                to: match.to.rawValue,
                confidence: match.confidence,
                reasons: match.reasons
            )
            if list.count < limit, !list.contains(where: { $0.source == mapping.source && $0.from == mapping.from && $0.to == mapping.to }) {
                list.append(mapping)
            }
        }
        for match in shape.decision.matches where match.origin == .inferred || match.origin == .approved { append(match, to: &applied) }
        for candidate in shape.decision.candidates { append(candidate, to: &quarantined) }
    }

    func append(to writer: inout JSONWriter) {
        writer.array("applied_mappings", applied) { $1.append(to: &$0) }
        writer.array("quarantined_mappings", quarantined) { $1.append(to: &$0) }
        writer.array("type_changes", typeChanges) { $1.append(to: &$0) }
    }

    init() {}

    init(_ root: JSONValue) {
        applied = root.member("applied_mappings")?.elements.compactMap { RunRecord.Mapping($0) } ?? []
        quarantined = root.member("quarantined_mappings")?.elements.compactMap { RunRecord.Mapping($0) } ?? []
        typeChanges = root.member("type_changes")?.elements.compactMap { RunRecord.TypeChange($0) } ?? []
    }
}
