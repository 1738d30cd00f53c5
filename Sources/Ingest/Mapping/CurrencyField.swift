import MarketData

/// A field that says what the amounts of its record are in.
///
/// That the first records say dollars there says nothing of the next ones, so it is looked at in each record: a value in another currency is never
/// one in dollars (spec section 4).
struct CurrencyField: Sendable, Hashable {
    /// The source's name.
    var name: String
    /// Whether whatever is there has to be dollars. Else it may be the name of a coin as well, and only codes that no coin has speak against dollars.
    var isStrict: Bool

    /// Other words for dollars than `usd`.
    private static let dollars: Set = ["$", "us$", "us dollar", "us dollars"]

    /// Whether a text, which may be blank, says that amounts are in something else than dollars.
    func speaksAgainstDollars(_ text: Span<UInt8>) -> Bool {
        if RowDraft.isNull(text) { return false }
        let range = TickerText.trimmed(text)
        let code = text.extracting(range)
        // Most records: no text is made of it.
        if code.count == 3, code[0] | 0x20 == UInt8(ascii: "u"), code[1] | 0x20 == UInt8(ascii: "s"), code[2] | 0x20 == UInt8(ascii: "d") {
            return false
        }
        let word = String(decoding: code.bytes, as: UTF8.self).lowercased()
        if Self.dollars.contains(word) { return false }
        return isStrict || Vocabulary.stateCurrencies.contains(word)
    }
}

extension CurrencyField {
    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("field", name)
        writer.member("strict", isStrict)
        writer.endObject()
    }

    init?(_ value: JSONValue) {
        guard let name = value.member("field")?.string, let isStrict = value.member("strict")?.boolValue else { return nil }
        self.init(name: name, isStrict: isStrict)
    }
}

extension SchemaDecision {
    /// Fields in which a record must not say another currency; none where every amount says by its own name, or by people's word, that it is dollars.
    var checkedCurrencies: [CurrencyField] {
        guard matches.contains(where: { $0.isByCurrency }) else { return [] }
        return currencies.filter { currency in !matches.contains { $0.from == currency.name } }
    }

    /// For what an older version has decided, and kept without a word of currencies: only names can tell, so nothing is strict.
    mutating func findCurrencies(among names: [String]) {
        func read(_ name: String) -> FieldName? {
            FieldName(path: JSONPointer(name)?.tokens.map { String(decoding: $0, as: UTF8.self) } ?? [name])
        }
        currencies = names.filter { name in read(name).map { SampleContext.isCalledCurrency($0) } ?? false }.map {
            CurrencyField(name: $0, isStrict: false)
        }
        for index in matches.indices where matches[index].origin == .exact || matches[index].origin == .inferred {
            matches[index].isByCurrency = matches[index].to.isAmount && !(read(matches[index].from)?.saysDollars ?? true)
        }
    }
}
