import Crypto
import MarketData
import TickerStore

/// A set of field names that a source has sent, and what was decided about it; in the store's state under `schema/shape/<source>/<id>`.
///
/// The decision is made once and used as it is until what people said about the source changes (spec section 4).
struct KnownShape: Sendable, Equatable {
    static let prefix = "schema/shape/"

    var source: String
    /// A hash of the names that it was first seen with.
    let id: String
    /// In the source's order.
    private(set) var names: [String]
    private(set) var nameSet: Set<String>
    /// What people had said when it was decided; see `SchemaRules.basis`.
    var basis: String
    /// What people had approved and forbidden; see `SchemaRules.sayings`.
    var sayings: String
    var decision: SchemaDecision
    var types = FieldTypes()
    /// Orders the shapes of a store by age.
    var order = 0

    init(source: String, names: [String], rules: SchemaRules, decision: SchemaDecision) {
        self.source = source
        self.names = names
        nameSet = Set(names)
        id = Self.id(of: names)
        basis = rules.basis
        sayings = rules.sayings
        self.decision = decision
    }

    var key: String { Self.prefix + source + "/" + id }

    /// The order of names does not matter.
    static func id(of names: [String]) -> String {
        var hash = SHA256()
        for name in names.sorted() { hash.update(data: Array("\(name.utf8.count):\(name)".utf8)) }
        return Hexadecimal.text(hash.finalize().prefix(16))
    }

    /// Takes in names that change nothing in the decision, and what is known of the currencies they say.
    mutating func extend(with others: [String], _ currencies: [CurrencyField]) {
        for currency in currencies where !decision.currencies.contains(where: { $0.name == currency.name }) { decision.currencies.append(currency) }
        for name in others where names.count < RecordNames.maximumNames && nameSet.insert(name).inserted {
            names.append(name)
            decision.unmapped.append(name)
        }
    }

    /// Whether records with these names are of this shape, although the names may come and go from page to page: all of them are known, and
    /// what gives the required fields is among them, and nothing that might give a field in the place of one that is gone. A name that is null here
    /// may be an object elsewhere.
    func covers(_ others: Set<String>) -> Bool {
        let gone = decision.matches.filter { !others.contains($0.from) }
        let isReplaceable = gone.contains { match in
            TickerField.required.contains(match.to) || decision.candidates.contains { $0.to == match.to && others.contains($0.from) }
        }
        return !isReplaceable && holds(others)
    }

    /// Whether all names are known here.
    func holds(_ others: Set<String>) -> Bool {
        names.count >= RecordNames.maximumNames
            || others.allSatisfy { other in nameSet.contains(other) || names.contains { $0.hasPrefix(other + "/") } }
    }
}

extension KnownShape {
    var change: StateChange {
        var writer = JSONWriter()
        writer.beginObject()
        writer.array("names", names) { $0.string($1) }
        writer.member("basis", basis)
        writer.member("sayings", sayings)
        writer.array("matches", decision.matches) { $1.append(to: &$0) }
        writer.array("candidates", decision.candidates) { $1.append(to: &$0) }
        writer.array("missing", decision.missing) { $0.string($1.rawValue) }
        if !decision.kept.isEmpty { writer.array("kept", decision.kept.sorted()) { $0.string($1) } }
        writer.array("currencies", decision.currencies) { $1.append(to: &$0) }
        writer.key("types")
        types.append(to: &writer)
        writer.member("order", order)
        writer.endObject()
        return StateChange(key: key, value: writer.bytes)
    }

    /// From the state; nil when it cannot be read: the shape is then decided anew.
    init?(key: String, value: [UInt8]) {
        let place = key.dropFirst(Self.prefix.count)
        guard let slash = place.lastIndex(of: "/"), let root = try? JSONDocument(parsing: value).root,
            let basis = root.member("basis")?.string, let sayings = root.member("sayings")?.string,
            let order = root.member("order")?.integer
        else { return nil }
        var decision = SchemaDecision()
        decision.matches = root.member("matches")?.elements.compactMap { SchemaDecision.Match($0) } ?? []
        decision.candidates = root.member("candidates")?.elements.compactMap { SchemaDecision.Match($0) } ?? []
        decision.missing = root.member("missing")?.elements.compactMap { $0.string.flatMap(TickerField.init) } ?? []
        let names = root.member("names")?.elements.compactMap(\.string) ?? []
        let used = Set((decision.matches + decision.candidates).map(\.from))
        decision.kept = Set(root.member("kept")?.elements.compactMap(\.string) ?? [])
        decision.unmapped = names.filter { !used.contains($0) && !decision.kept.contains($0) }
        if let currencies = root.member("currencies") {
            decision.currencies = currencies.elements.compactMap { CurrencyField($0) }
        } else {
            decision.findCurrencies(among: names)
        }
        self.source = String(place[..<slash])
        id = String(place[place.index(after: slash)...])
        self.names = names
        nameSet = Set(names)
        self.basis = basis
        self.sayings = sayings
        self.decision = decision
        types = root.member("types").map { FieldTypes($0) } ?? FieldTypes()
        self.order = Int(order)
    }
}

extension SchemaDecision.Match {
    fileprivate func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("from", from)
        writer.member("to", to.rawValue)
        writer.member("confidence", confidence)
        writer.member("origin", origin.rawValue)
        writer.array("reasons", reasons) { $0.string($1) }
        if isByCurrency { writer.member("by_currency", true) }
        writer.endObject()
    }

    fileprivate init?(_ value: JSONValue) {
        guard let from = value.member("from")?.string, let to = value.member("to")?.string.flatMap(TickerField.init),
            let confidence = value.member("confidence")?.integer,
            let origin = value.member("origin")?.string.flatMap(SchemaDecision.Origin.init)
        else { return nil }
        let reasons = value.member("reasons")?.elements.compactMap(\.string) ?? []
        self.init(from: from, to: to, confidence: Int(confidence), reasons: reasons, origin: origin)
        isByCurrency = value.member("by_currency")?.boolValue ?? false
    }
}

extension SchemaRules {
    /// Changes when a decision would have to be made anew: with the configuration, with how this program infers, and when people ask for it.
    var basis: String {
        Self.hash([["1", infers ? "infer" : "freeze", "\(resets)"], Self.text(declared), constants.map(\.rawValue).sorted()])
    }

    /// Changes when people approve or forbid something, which decisions that were made follow.
    var sayings: String {
        Self.hash([Self.text(approved), Self.text(forbidden), forbiddenFields.map { "\($0.utf8.count):\($0)" }.sorted()])
    }

    private static func text(_ pairs: some Sequence<Pair>) -> [String] {
        pairs.map { "\($0.from.utf8.count):\($0.from)=\($0.to.rawValue)" }.sorted()
    }

    private static func hash(_ parts: [[String]]) -> String {
        var hash = SHA256()
        for part in parts { hash.update(data: Array("\(part.count):\(part.joined(separator: ","));".utf8)) }
        return Hexadecimal.text(hash.finalize().prefix(16))
    }
}
