/// What the fields of a record say about each other: things that no single name says.
struct SampleContext {
    /// The record is of a market of two coins, or a candle of one: amounts are in the market's own currency, and of its own period.
    private(set) var isMarket = false
    /// A field of its own says what amounts are in.
    private(set) var statedCurrency: FieldName.CurrencyKey?
    /// The time of day has a field of its own, so that a date is half of a time.
    private(set) var hasTimeOfDay = false

    init(_ fields: [(field: SampledField, name: FieldName?)]) {
        var seen: Set<String> = []
        for (field, name) in fields {
            guard let name else { continue }
            if field.values.clockTimes > 0 { hasTimeOfDay = true }
            if name.words.count <= 3 { for word in name.words { if Self.marks.contains(word.text) { seen.insert(word.text) } } }
            if name.says([.symbol, .ticker]), field.values.looksLikePairs { isMarket = true }
            if statedCurrency == nil { statedCurrency = Self.currency(stated: field.values, name) }
        }
        if seen.isSuperset(of: ["open", "high", "low"]) || seen.isSuperset(of: ["bid", "ask"]) || seen.isSuperset(of: ["buy", "sell"]) {
            isMarket = true
        }
    }

    private static let marks: Set<String> = ["open", "high", "low", "bid", "ask", "buy", "sell"]

    /// `vs_currency`, or a `currency` of the record that is never that of a coin.
    private static func currency(stated values: ValueProfile, _ name: FieldName) -> FieldName.CurrencyKey? {
        // `/roi/currency` is what the roi is in.
        guard name.depth == 0, name.says([.currency, .quote]), name.words.allSatisfy({ [.currency, .quote, .code, .symbol].contains($0.meaning) })
        else { return nil }
        let codes = Set(values.first.compactMap { $0 }.map { String(decoding: $0, as: UTF8.self).lowercased() })
        guard !codes.isEmpty else { return nil }
        let areCurrencies = codes.allSatisfy {
            Vocabulary.stateCurrencies.contains($0) || (name.says([.quote]) && Vocabulary.isOtherCurrency($0))
        }
        guard areCurrencies else { return nil }
        let others = codes.subtracting(["usd"]).sorted()
        return others.first.map { .other($0) } ?? .dollar
    }

    /// Whether the name, or the record, says that an amount is in dollars.
    func saysDollars(_ name: FieldName) -> Bool { name.currencyKey == .dollar || name.says([.usd]) || statedCurrency == .dollar }

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
