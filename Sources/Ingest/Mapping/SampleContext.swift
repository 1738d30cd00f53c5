/// What the fields of a record say about each other: things that no single name says.
struct SampleContext {
    /// The record is of a market of two coins, or a candle of one: amounts are in the market's own currency, and of its own period.
    private(set) var isMarket = false
    /// A field of its own says what amounts are in.
    private(set) var statedCurrency: FieldName.CurrencyKey?
    /// The time of day has a field of its own, so that a date is half of a time.
    private(set) var hasTimeOfDay = false
    /// Fields that say what amounts are in, and say dollars as far as they say something.
    private(set) var currencies: [CurrencyField] = []

    init(_ fields: [(field: SampledField, name: FieldName?)]) {
        var seen: Set<String> = []
        for (field, name) in fields {
            guard let name else { continue }
            if field.values.clockTimes > 0 { hasTimeOfDay = true }
            if name.words.count <= 3 { for word in name.words { if Self.marks.contains(word.text) { seen.insert(word.text) } } }
            if field.values.looksLikePairs, name.says([.symbol, .ticker]) || name.words.contains(where: { Vocabulary.marketWords.contains($0.text) })
            {
                isMarket = true
            }
            if let stated = Self.currency(stated: field.values, name) { take(stated) }
            if let currency = Self.dollars(field, name) { currencies.append(currency) }
        }
        if seen.isSuperset(of: ["open", "high", "low"]) || seen.isSuperset(of: ["bid", "ask"]) || seen.isSuperset(of: ["buy", "sell"]) {
            isMarket = true
        }
    }

    private static let marks: Set<String> = ["open", "high", "low", "bid", "ask", "buy", "sell"]

    /// What a field says that amounts are in; nil when it says nothing of it.
    ///
    /// A field that holds nothing but codes of other state currencies says so whatever it is called. That amounts are in dollars, or in a coin, only
    /// a name can say that is about it: `vs_currency`, `quote_asset`, or a `currency` of the record that is never that of a coin.
    private static func currency(stated values: ValueProfile, _ name: FieldName) -> FieldName.CurrencyKey? {
        // `/roi/currency` is what the roi is in.
        guard name.depth == 0, !isOfCoin(name) else { return nil }
        let written = Set(values.first.compactMap { $0 })
        let codes = Set(written.map { String(decoding: $0, as: UTF8.self).lowercased() })
        guard !codes.isEmpty else { return nil }
        let isNamed = isCalledCurrency(name)
        let isOfPrices = isNamed && speaksOfPrices(name)
        guard codes.allSatisfy({ Vocabulary.stateCurrencies.contains($0) || (isOfPrices && Vocabulary.isOtherCurrency($0)) }) else { return nil }
        if let other = codes.subtracting(["usd"]).min() { return .other(other) }
        // Dollars first, and others behind the values that are kept.
        if written.count == 1, !values.isConstant, isNamed || values.texts.currencies == values.present { return .other("several currencies") }
        return isNamed ? .dollar : nil
    }

    /// A field to look at in each record: one that is called like a currency, or holds nothing but `USD`, so far.
    private static func dollars(_ field: SampledField, _ name: FieldName) -> CurrencyField? {
        guard name.depth == 0, !isOfCoin(name) else { return nil }
        let codes = Set(field.values.first.compactMap { $0 }.map { String(decoding: $0, as: UTF8.self).lowercased() })
        guard codes.isSubset(of: ["usd"]) else { return nil }
        if isCalledCurrency(name) { return CurrencyField(name: field.name, isStrict: !codes.isEmpty || speaksOfPrices(name)) }
        return codes.isEmpty ? nil : CurrencyField(name: field.name, isStrict: false)
    }

    /// Whether a name is about what amounts are in, and about nothing else: `vs_currency`, `quote_asset`, `currency`.
    static func isCalledCurrency(_ name: FieldName) -> Bool {
        guard name.depth == 0, !isOfCoin(name) else { return false }
        let isQuote = name.says([.quote])
        return (isQuote || name.says([.currency])) && name.words.allSatisfy { (isQuote ? quoteWords : currencyWords).contains($0.meaning) }
    }

    /// Whether a name of a currency cannot be about a coin.
    private static func speaksOfPrices(_ name: FieldName) -> Bool { name.says([.quote]) || name.says([.price]) }

    private static let currencyWords: Set<Vocabulary.Meaning> = [.currency, .code, .symbol, .price, .filler]
    private static let quoteWords = currencyWords.union([.quote, .entity])

    /// Whether a name says which coin the record is of: that one may be called like a currency, and is not what its amounts are in.
    private static func isOfCoin(_ name: FieldName) -> Bool {
        name.says([.base]) || name.words.allSatisfy { [.symbol, .ticker, .entity, .name, .title, .id, .filler].contains($0.meaning) }
    }

    /// A field that says another currency counts more than one that says dollars.
    private mutating func take(_ stated: FieldName.CurrencyKey) {
        switch (statedCurrency, stated) {
        case (nil, _), (.dollar, .other): statedCurrency = stated
        case (.other(let a), .other(let b)) where b < a: statedCurrency = stated
        default: break
        }
    }

    /// Whether the name, or the record, says that an amount is in dollars.
    func saysDollars(_ name: FieldName) -> Bool { name.saysDollars || statedCurrency == .dollar }

    /// Whether even a field that is called exactly like ours is not taken for it: an amount whose name does not say dollars, as ours does not, of a
    /// record that says another currency.
    func rulesOutExact(_ target: TickerField) -> Bool {
        guard case .other = statedCurrency else { return false }
        return target == .volume || target == .marketCap
    }

    /// What speaks against a field being one of ours that its name does not tell, for people; nil when there is nothing.
    func doubt(about target: TickerField, _ name: FieldName) -> String? {
        switch target {
        case .price, .volume, .marketCap:
            if !saysDollars(name), case .other(let code) = statedCurrency { return "against: another field says that amounts are in \(code)" }
            guard isMarket, target != .marketCap else { return nil }
            let isPlain = target == .volume && !name.says([.day])
            guard isPlain || !saysDollars(name) else { return nil }
            return "against: the record is of a market or a candle, whose amounts have its own \(isPlain ? "period" : "currency")"
        case .timestamp:
            guard hasTimeOfDay, name.words.allSatisfy({ $0.meaning == .date || $0.meaning == .filler }) else { return nil }
            return "against: the time of day has a field of its own"
        default: return nil
        }
    }
}
