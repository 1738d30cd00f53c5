/// Whether a field's values can be those of a target. Values never lift a name into a better band: they are content with it, lower it by
/// one, or rule it out.
enum ValueEvidence {
    /// Nothing to look at, or nothing wrong; with what was seen, for people.
    case content(String)
    /// The name is lowered by a band.
    case against(String)
    /// No value could ever be converted.
    case impossible(String)

    init(_ values: ValueProfile, as target: TickerField) {
        guard values.present > 0 else {
            self = .content(values.nulls > 0 ? "values: all \(Self.grouped(values.nulls)) are null" : "values: none were seen")
            return
        }
        if values.containers + values.booleans > values.present / 2 {
            let kind = values.containers > 0 ? "objects or arrays" : "true or false"
            self = .impossible("against: the values are \(kind)")
            return
        }
        let found = Self.finding(values, target)
        self = found.isAgainst ? .against("against: \(found.text)") : .content("values: \(found.text)")
    }

    /// Symbols may be longer, but a column of them is not on average.
    private static let longestSymbols = 12
    /// So many records show what a column is like.
    private static let enough = 20

    private typealias Finding = (isAgainst: Bool, text: String)

    private static func finding(_ values: ValueProfile, _ target: TickerField) -> Finding {
        switch target {
        case .price, .volume, .marketCap: amount(values, target)
        case .percentChange: percent(values)
        case .timestamp: moment(values)
        case .symbol: symbol(values)
        case .name, .sourceID: text(values, target)
        }
    }

    private static func amount(_ values: ValueProfile, _ target: TickerField) -> Finding {
        let (all, numbers) = (values.present, values.numbers)
        if isFew(numbers.count, of: all, tenths: 9) { return (true, "\(share(numbers.count, all)) values are numbers") }
        if numbers.percentSigns > 0 { return (true, "\(share(numbers.percentSigns, all)) values have percent signs") }
        if numbers.otherCurrencies > 0 { return (true, "\(share(numbers.otherCurrencies, all)) values have the sign of another currency") }
        if values.isConstant, all >= enough { return (true, "all \(grouped(all)) values are the same") }
        if target == .price {
            // Volumes and capitalizations may well be of this size.
            if numbers.epochs * 10 > all * 9 { return (true, "the values are moments in time") }
            if isFew(numbers.positive, of: all, tenths: 8) { return (true, "\(share(numbers.positive, all)) values are above zero") }
            return (false, "\(share(numbers.positive, all)) are positive numbers")
        }
        if numbers.negative * 20 > all { return (true, "\(share(numbers.negative, all)) values are below zero") }
        if target == .marketCap, all >= 5, numbers.positive > 0, numbers.largest < 1_000 {
            return (true, "no value is above 1,000, as market capitalizations are")
        }
        return (false, "\(share(numbers.positive + numbers.zero, all)) are numbers not below zero")
    }

    private static func percent(_ values: ValueProfile) -> Finding {
        let (all, numbers) = (values.present, values.numbers)
        if isFew(numbers.count, of: all, tenths: 9) { return (true, "\(share(numbers.count, all)) values are numbers") }
        if numbers.otherCurrencies > 0 { return (true, "\(share(numbers.otherCurrencies, all)) values have the sign of a currency") }
        if numbers.thousands * 20 > all { return (true, "\(share(numbers.thousands, all)) values are above 1,000 %") }
        if all >= enough, values.isConstant { return (true, "all \(grouped(all)) values are the same") }
        if numbers.percentSigns == 0, (all >= enough && numbers.largest <= 0.5) || (all >= 3 && numbers.largest <= 0.2) {
            return (true, "the values are so small that they may be shares of one")
        }
        if all >= 5 * enough, numbers.negative == 0 { return (true, "none of \(grouped(all)) values is below zero") }
        return (false, "\(share(numbers.count, all)) are numbers")
    }

    private static func moment(_ values: ValueProfile) -> Finding {
        let all = values.present
        if isFew(values.moments, of: all, tenths: 9) { return (true, "\(share(values.moments, all)) values can be read as a time since 2009") }
        if values.undeclaredDates > 0 { return (false, "\(share(values.moments, all)) are times, but their form wants a declaration") }
        return (false, "\(share(values.moments, all)) are times")
    }

    private static func symbol(_ values: ValueProfile) -> Finding {
        let (all, texts) = (values.present, values.texts)
        if isFew(texts.count, of: all, tenths: 7) { return (true, "\(share(texts.count, all)) values are texts") }
        if values.looksLikePairs { return (true, "\(share(texts.pairs, all)) values name two coins, as BTC/USDT does") }
        if texts.links > 0 { return (true, "there are links among the values") }
        if texts.signs * 2 > all { return (true, "the values are signs") }
        if texts.totalBytes > texts.count * longestSymbols { return (true, "the values are too long for symbols") }
        if texts.spaced * 5 > all { return (true, "\(share(texts.spaced, all)) values have blanks inside") }
        if texts.slugs * 2 > all { return (true, "\(share(texts.slugs, all)) values look like ids, as shiba-inu does") }
        if texts.mixed * 2 > all { return (true, "\(share(texts.mixed, all)) values look like names") }
        if texts.currencies == texts.count { return (true, "all values are codes of currencies") }
        if values.moments * 2 > all { return (true, "the values are times") }
        return (false, "\(share(texts.count, all)) are short texts")
    }

    private static func text(_ values: ValueProfile, _ target: TickerField) -> Finding {
        let (all, texts) = (values.present, values.texts)
        if texts.links > 0 { return (true, "there are links among the values") }
        if values.moments * 2 > all, values.numbers.count < all { return (true, "the values are times") }
        if target == .sourceID {
            if texts.spaced * 2 > all { return (true, "\(share(texts.spaced, all)) values have blanks inside") }
            if values.numbers.percentSigns + values.numbers.otherCurrencies > 0 { return (true, "the values are amounts") }
            return (false, "\(grouped(all)) can be ids")
        }
        if isFew(texts.count, of: all, tenths: 5) { return (true, "\(share(values.numbers.count, all)) values are numbers") }
        if values.looksLikePairs { return (true, "\(share(texts.pairs, all)) values name two coins, as BTC/USDT does") }
        if texts.signs * 2 > all { return (true, "the values are signs") }
        if texts.currencies == texts.count { return (true, "all values are codes of currencies") }
        if texts.capitals == all, all >= 3, !values.isConstant { return (true, "all values look like symbols") }
        return (false, "\(share(texts.count, all)) are texts")
    }

    /// Whether a count is below so many tenths.
    private static func isFew(_ count: Int, of all: Int, tenths: Int) -> Bool { count * 10 < all * tenths }

    private static func share(_ count: Int, _ all: Int) -> String { "\(grouped(count)) of \(grouped(all))" }

    /// `1,000`; a profile counts no more records than `SchemaSample.maximumRecords`, by far below a million.
    private static func grouped(_ count: Int) -> String {
        guard count >= 1_000 else { return String(count) }
        let rest = String(count % 1_000)
        return "\(count / 1_000)," + String(repeating: "0", count: 3 - rest.utf8.count) + rest
    }
}
