import MarketData
import Synchronization
import TickerStore

/// What is known of the sources' shapes, what people said about them, and the number of the schema (spec section 4). As the store's state has
/// it, and what is to be stored with the next batch.
final class SchemaRegistry: Sendable {
    static let versionKey = "schema/version"
    /// Of each source so many shapes are kept, the newest.
    private static let shapesKept = 100

    /// What a decision comes from.
    struct Question {
        var source: String
        var names: [String]
        /// Without what people approved; the registry adds that.
        var rules: SchemaRules
        /// Whether names may come and go from record to record, as in JSON; in a table they are all there.
        var isOpen: Bool
        /// The shape that the source had before in the same run, when that one was new in it.
        var current: String?
        /// Whether a few records of a shape are asked about, which may lack any field: those that waited in the quarantine.
        var isPartial = false
    }

    struct Answer {
        var shape: KnownShape
        /// Whether the number of the schema went up for it.
        var isBump = false
        /// Whether it was decided just now.
        var isNew = false
        /// Whether the source had no such shape before.
        var isUnknown = false
        /// Whether nothing was decided but to follow what people said meanwhile.
        var isFollowing = false
    }

    fileprivate struct State {
        /// By source, oldest first.
        var shapes: [String: [KnownShape]] = [:]
        var approvals: [String: SchemaApprovals] = [:]
        var version = 1
        var lastOrder = 0
        /// Keys of the state that the store does not have as they are here.
        var unstored: Set<String> = []

        mutating func bump() {
            version += 1
            unstored.insert(SchemaRegistry.versionKey)
        }

        mutating func put(_ shape: KnownShape) {
            if let place = shapes[shape.source]?.firstIndex(where: { $0.id == shape.id }) {
                shapes[shape.source]?[place] = shape
            } else {
                shapes[shape.source, default: []].append(shape)
                if shapes[shape.source]!.count > SchemaRegistry.shapesKept {
                    unstored.insert(shapes[shape.source]!.removeFirst().key)
                }
            }
            unstored.insert(shape.key)
        }

        /// What the store is to have under a key.
        func change(_ key: String) -> StateChange {
            if key == SchemaRegistry.versionKey { return SchemaRegistry.change(version: version) }
            let place = key.dropFirst(KnownShape.prefix.count)
            let source = place.lastIndex(of: "/").map { String(place[..<$0]) } ?? ""
            return shapes[source]?.first { $0.key == key }?.change ?? StateChange(key: key, value: nil)
        }
    }

    private let state: Mutex<State>

    init(_ stored: [(key: String, value: [UInt8])] = []) {
        var state = State()
        for (key, value) in stored {
            if key.hasPrefix(KnownShape.prefix) {
                guard let shape = KnownShape(key: key, value: value) else { continue }
                state.shapes[shape.source, default: []].append(shape)
                state.lastOrder = max(state.lastOrder, shape.order)
            } else if key.hasPrefix(SchemaApprovals.prefix) {
                state.approvals[String(key.dropFirst(SchemaApprovals.prefix.count))] = SchemaApprovals(value)
            }
        }
        for source in state.shapes.keys { state.shapes[source]?.sort { $0.order < $1.order } }
        state.version = Self.version(in: stored)
        self.state = Mutex(state)
    }

    private init(_ state: sending State) { self.state = Mutex(state) }

    /// The same knowledge for whoever only looks: what it learns goes no further.
    func copy() -> SchemaRegistry { SchemaRegistry(state.withLock { $0 }) }

    var version: Int { state.withLock { $0.version } }

    /// Changes when people say something about the source's mappings.
    func mappingVersion(of source: String) -> String { state.withLock { $0.approvals[source]?.version ?? "" } }

    static func version(in stored: [(key: String, value: [UInt8])]) -> Int {
        guard let value = stored.first(where: { $0.key == versionKey })?.value, let root = try? JSONDocument(parsing: value).root else { return 1 }
        return Int(root.integer ?? 1)
    }

    private static func change(version: Int) -> StateChange { StateChange(key: versionKey, value: Array(String(version).utf8)) }
}

// MARK: - Shapes

extension SchemaRegistry {
    /// The shape of records with these names: the known one, or one that is decided now.
    ///
    /// - Parameter decide: makes a decision by rules, those of people included; called when there is none. With it, for some records of a known
    ///   shape, the names that the shape has.
    func answer(_ question: Question, decide: (SchemaRules, [String]) -> SchemaDecision) -> Answer {
        var rules = question.rules
        let known = state.withLock { state in
            state.approvals[question.source]?.apply(to: &rules)
            return state.known(question)
        }
        if let known, known.basis == rules.basis {
            if known.sayings == rules.sayings { return Answer(shape: known) }
            let followed = known.decision.following(rules, names: known.names)
            var answer = state.withLock { $0.learn(question, followed, rules, known: known) }
            answer.isFollowing = true
            return answer
        }
        // Outside of the lock: it reads the store. Runs come one at a time, so nobody else decides meanwhile.
        let decision = decide(rules, question.isPartial ? known?.names ?? [] : [])
        return state.withLock { $0.learn(question, decision, rules, known: known) }
    }

    /// Takes note of types; what is new among them is told: nil when nothing is.
    ///
    /// - Parameter isBumped: Whether the number of the schema went up for this shape in this run already; it does so once.
    func learn(_ types: FieldTypes, of shape: KnownShape, isBumped: Bool) -> (shape: KnownShape, changes: [RunRecord.TypeChange])? {
        state.withLock { state in
            guard var known = state.shapes[shape.source]?.last(where: { $0.id == shape.id }), !known.types.holds(types) else { return nil }
            let changes = known.changes(to: types)
            known.types.add(types)
            state.put(known)
            if !changes.isEmpty, !isBumped { state.bump() }
            return (known, changes)
        }
    }

    /// What a commit has to take along.
    func takeUnstored() -> [StateChange] {
        state.withLock { state in
            defer { state.unstored = [] }
            return state.unstored.sorted().map { state.change($0) }
        }
    }

    /// Takes back what a commit could not store; the next one takes along what these keys have by then.
    func putBack(_ changes: [StateChange]) { state.withLock { $0.unstored.formUnion(changes.map(\.key)) } }
}

extension SchemaRegistry.State {
    fileprivate func known(_ question: SchemaRegistry.Question) -> KnownShape? {
        let shapes = shapes[question.source] ?? []
        let id = KnownShape.id(of: question.names)
        if let exact = shapes.last(where: { $0.id == id }) { return exact }
        guard question.isOpen else { return nil }
        let names = Set(question.names)
        if question.isPartial { return shapes.last { $0.holds(names) } }
        return shapes.last { $0.covers(names) }
    }

    fileprivate mutating func learn(
        _ question: SchemaRegistry.Question,
        _ decision: SchemaDecision,
        _ rules: SchemaRules,
        known: KnownShape?
    ) -> SchemaRegistry.Answer {
        if var known {
            let isSame = known.decision.hasSameMapping(as: decision)
            known.basis = rules.basis
            known.sayings = rules.sayings
            known.decision = decision
            put(known)
            if !isSame { bump() }
            return SchemaRegistry.Answer(shape: known, isBump: !isSame, isNew: true)
        }
        if question.isOpen, let current = question.current, var first = shapes[question.source]?.last(where: { $0.id == current }),
            first.decision.hasSameMapping(as: decision)
        {
            // The first pages of a source have its optional fields here and there: together they are its shape.
            first.extend(with: question.names, decision.currencies)
            put(first)
            return SchemaRegistry.Answer(shape: first)
        }
        let isFirst = shapes[question.source] == nil
        lastOrder += 1
        var shape = KnownShape(source: question.source, names: question.names, rules: rules, decision: decision)
        shape.order = lastOrder
        put(shape)
        if !isFirst { bump() }
        return SchemaRegistry.Answer(shape: shape, isBump: !isFirst, isNew: true, isUnknown: true)
    }
}

extension KnownShape {
    fileprivate func changes(to seen: FieldTypes) -> [RunRecord.TypeChange] {
        TickerField.allCases.flatMap { field -> [RunRecord.TypeChange] in
            guard let old = types.types(of: field).first, let from = decision.match(for: field)?.from else { return [] }
            return seen.types(of: field).filter { !types.types(of: field).contains($0) }.map {
                RunRecord.TypeChange(source: source, field: from, from: old.name(in: field), to: $0.name(in: field))
            }
        }
    }
}

extension SchemaDecision {
    /// Whether records would become the same rows, and people be asked the same.
    fileprivate func hasSameMapping(as other: SchemaDecision) -> Bool {
        func pairs(_ matches: [Match]) -> Set<SchemaRules.Pair> { Set(matches.map { .init(from: $0.from, to: $0.to) }) }
        return pairs(matches) == pairs(other.matches) && pairs(candidates) == pairs(other.candidates)
    }
}

// MARK: - People

extension SchemaRegistry {
    func approvals(of source: String) -> SchemaApprovals { state.withLock { $0.approvals[source] ?? SchemaApprovals() } }

    /// The sources that anything is known of, by name.
    var sources: [String] { state.withLock { Set($0.shapes.keys).union($0.approvals.keys).sorted() } }

    /// The shapes of a source, oldest first.
    func shapes(of source: String) -> [KnownShape] { state.withLock { $0.shapes[source] ?? [] } }

    /// Changes what was said about a source; durable when `store` returns.
    func change<Failure: Error>(
        _ source: String,
        _ change: (inout SchemaApprovals) -> Void,
        store: (StateChange) throws(Failure) -> Void
    ) throws(Failure) {
        var approvals = approvals(of: source)
        change(&approvals)
        try store(approvals.change(of: source))
        state.withLock { $0.approvals[source] = approvals }
    }
}
