import MarketData

/// What differs between two runs, found in the objects that `/runs` shows of them.
///
/// | in both | becomes |
/// |---|---|
/// | the same | nothing |
/// | integers | `{"a":1,"b":3,"delta":2}` |
/// | lists | `{"added":[…],"removed":[…]}`: elements that only `b` has, and only `a` |
/// | objects | an object of their members' differences |
/// | else | `{"a":…,"b":…}` |
struct RunComparison: Sendable {
    private let a: JSONValue
    private let b: JSONValue

    /// Two runs always differ in these.
    private static let identity: Set = ["run_id", "started_at", "completed_at", "batches"]
    /// What two entries have in common that say the same of two runs: the rest tells times and details.
    private static let kinds = ["errors": ["source", "type"], "failed_batches": ["batchNum", "source"]]

    init(_ a: JSONValue, _ b: JSONValue) {
        self.a = a
        self.b = b
    }

    func appendMembers(to writer: inout JSONWriter) {
        for (name, run) in [("a", a), ("b", b)] {
            writer.key(name)
            writer.beginObject()
            for member in ["run_id", "status", "started_at", "completed_at"] { writer.rawMember(member, Self.text(run.member(member))) }
            writer.endObject()
        }
        writer.rawMember("differences", Self.members(a, b, leavingOut: Self.identity) ?? Array("{}".utf8))
    }

    /// An object of the differences of two objects' members; nil when there is none.
    private static func members(_ a: JSONValue, _ b: JSONValue, leavingOut: Set<String> = []) -> [UInt8]? {
        let names = a.members.compactMap(\.key.string)
        let others = b.members.compactMap(\.key.string).filter { !names.contains($0) }
        var writer = JSONWriter()
        writer.beginObject()
        var isEmpty = true
        for name in names + others where !leavingOut.contains(name) {
            guard let difference = difference(name, a.member(name), b.member(name)) else { continue }
            writer.rawMember(name, difference)
            isEmpty = false
        }
        writer.endObject()
        return isEmpty ? nil : writer.bytes
    }

    private static func difference(_ name: String, _ a: JSONValue?, _ b: JSONValue?) -> [UInt8]? {
        if text(a) == text(b) { return nil }
        if let a, let b, a.kind == .object, b.kind == .object { return members(a, b) }
        if let a, let b, a.kind == .array, b.kind == .array { return elements(name, a, b) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.rawMember("a", text(a))
        writer.rawMember("b", text(b))
        if let a = a?.integer, let b = b?.integer { writer.member("delta", b - a) }
        writer.endObject()
        return writer.bytes
    }

    private static func elements(_ name: String, _ a: JSONValue, _ b: JSONValue) -> [UInt8]? {
        let (a, b) = (a.elements.map { kind($0, of: name) }, b.elements.map { kind($0, of: name) })
        let (added, removed) = (onlyIn(b, not: a), onlyIn(a, not: b))
        if added.isEmpty && removed.isEmpty { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        writer.array("added", added) { $0.raw($1) }
        writer.array("removed", removed) { $0.raw($1) }
        writer.endObject()
        return writer.bytes
    }

    /// The elements that the other list has not, each once, in their order.
    private static func onlyIn(_ elements: [[UInt8]], not others: [[UInt8]]) -> [[UInt8]] {
        var seen = Set(others)
        return elements.filter { seen.insert($0).inserted }
    }

    private static func kind(_ element: JSONValue, of name: String) -> [UInt8] {
        guard let members = kinds[name] else { return text(element) }
        var writer = JSONWriter()
        writer.beginObject()
        for member in members { writer.rawMember(member, text(element.member(member))) }
        writer.endObject()
        return writer.bytes
    }

    private static func text(_ value: JSONValue?) -> [UInt8] {
        value?.withRaw { raw in raw.withUnsafeBufferPointer { Array($0) } } ?? Array("null".utf8)
    }
}
