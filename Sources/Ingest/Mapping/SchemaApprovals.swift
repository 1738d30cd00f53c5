import MarketData
import TickerStore

/// What people said about one source's mappings with `kasparro mappings`; in the store's state under `schema/approvals/<source>`.
struct SchemaApprovals: Sendable, Equatable {
    static let prefix = "schema/approvals/"

    /// A source's field → ours. Of two for one of ours the one counts that a shape has.
    private(set) var approved: [String: TickerField] = [:]
    private(set) var forbidden: Set<SchemaRules.Pair> = []
    private(set) var forbiddenFields: Set<String> = []
    /// How often somebody asked for decisions to be made anew.
    private(set) var resets = 0

    /// The field gives this one of ours from now on.
    mutating func approve(_ from: String, _ to: TickerField) {
        approved[from] = to
        forbidden.remove(.init(from: from, to: to))
        forbiddenFields.remove(from)
    }

    /// - Parameter to: nil: the field gives nothing at all.
    mutating func forbid(_ from: String, _ to: TickerField?) {
        if to == nil || approved[from] == to { approved[from] = nil }
        if let to { forbidden.insert(.init(from: from, to: to)) } else { forbiddenFields.insert(from) }
    }

    /// Forgets what was said about a field, or about all of them, and lets the shapes be decided anew.
    mutating func reset(_ from: String?) {
        resets += 1
        guard let from else {
            (approved, forbidden, forbiddenFields) = ([:], [], [])
            return
        }
        approved[from] = nil
        forbidden = forbidden.filter { $0.from != from }
        forbiddenFields.remove(from)
    }

    func forbids(_ from: String, _ to: TickerField) -> Bool { forbiddenFields.contains(from) || forbidden.contains(.init(from: from, to: to)) }

    func apply(to rules: inout SchemaRules) {
        rules.approved = Set(approved.map { .init(from: $0.key, to: $0.value) })
        rules.forbidden = forbidden
        rules.forbiddenFields = forbiddenFields
        rules.resets = resets
    }

    /// Changes with what was said; empty while nobody has said anything. Part of the fingerprint of files and pages (spec section 6).
    var version: String {
        if self == SchemaApprovals() { return "" }
        var rules = SchemaRules()
        apply(to: &rules)
        return rules.basis + rules.sayings
    }
}

extension SchemaApprovals {
    func change(of source: String) -> StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        writer.array("approved", approved.sorted { $0.key < $1.key }) { writer, pair in
            writer.beginArray()
            writer.string(pair.key)
            writer.string(pair.value.rawValue)
            writer.endArray()
        }
        writer.array("forbidden", forbidden.sorted { ($0.from, $0.to.ordinal) < ($1.from, $1.to.ordinal) }) { writer, pair in
            writer.beginArray()
            writer.string(pair.from)
            writer.string(pair.to.rawValue)
            writer.endArray()
        }
        writer.array("forbidden_fields", forbiddenFields.sorted()) { $0.string($1) }
        writer.member("resets", resets)
        writer.endObject()
        return StateChange(key: Self.prefix + source, value: writer.bytes)
    }

    init?(_ value: [UInt8]) {
        guard let root = try? JSONDocument(parsing: value).root else { return nil }
        func pairs(_ name: String) -> [SchemaRules.Pair] {
            root.member(name)?.elements.compactMap { pair in
                guard let from = pair.element(0)?.string, let to = pair.element(1)?.string.flatMap(TickerField.init) else { return nil }
                return SchemaRules.Pair(from: from, to: to)
            } ?? []
        }
        for pair in pairs("approved") { approved[pair.from] = pair.to }
        forbidden = Set(pairs("forbidden"))
        forbiddenFields = Set(root.member("forbidden_fields")?.elements.compactMap(\.string) ?? [])
        resets = Int(root.member("resets")?.integer ?? 0)
    }
}
