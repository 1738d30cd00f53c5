import MarketData

/// A record on its way to becoming a row: its fields checked and in canonical form, or the reasons why it cannot be one.
///
/// One draft is used for record after record, so that its arrays are allocated once.
struct RowDraft {
    /// Rows may be at most a day ahead of the clock (spec section 2).
    static let dayMilliseconds: Int64 = 86_400_000

    private(set) var symbol: [UInt8] = []
    private(set) var name: [UInt8] = []
    private(set) var sourceID: [UInt8] = []
    private(set) var price: [UInt8] = []
    private(set) var volume: [UInt8] = []
    private(set) var marketCap: [UInt8] = []
    private(set) var percentChange: [UInt8] = []
    private(set) var timestamp = Timestamp.earliest
    private var hasTimestamp = false
    /// How much of a text the timestamp was read from, to know one that is cut by: bytes without blanks around them, behind the slashes of a date, whose
    /// months and days have one digit or two. Greatest for one that ends in `Z`, which nothing follows.
    private(set) var timestampBytes = 0
    /// The types of the record's values, as far as its source tells types.
    private(set) var types = FieldTypes()
    /// In the place of the usual reason where a required field has no value.
    var unmappedReasons: [TickerField: [String]] = [:]
    /// Machine-readable, in the order found; empty for a good record.
    private(set) var reasons: [String] = []
    /// The latest timestamp that is taken.
    var latest: Timestamp
    /// Rows from before it are not kept.
    var oldestKept = Timestamp(milliseconds: .min)
    private let format: RecordFormat
    /// What is declared of fields beyond their form, by `TickerField.ordinal`.
    private var rules: [FieldRule]
    /// Whether no field has a rule: most sources, and the loading of files must not pay for it.
    private var isPlain: Bool

    /// - Parameters:
    ///   - now: the clock; a record a day ahead of it is refused.
    ///   - format: how the source writes its values.
    ///   - oldestKept: Rows before this are too old; nil: none is.
    init(now: Timestamp, format: RecordFormat = RecordFormat(), oldestKept: Timestamp? = nil) {
        latest = Timestamp(milliseconds: now.milliseconds + Self.dayMilliseconds)
        if let oldestKept { self.oldestKept = oldestKept }
        self.format = format
        rules = FieldRule.rules(of: format)
        isPlain = !rules.contains { $0.isDeclared }
    }

    /// Gives a field one value for all records from the next on, whatever they say.
    mutating func fix(_ field: TickerField, _ text: [UInt8]) {
        rules[field.ordinal] = .constant(text)
        isPlain = false
    }

    /// Whether a good row is older than rows are kept (spec section 3).
    var isTooOld: Bool { timestamp < oldestKept }

    mutating func begin() {
        symbol.removeAll(keepingCapacity: true)
        name.removeAll(keepingCapacity: true)
        sourceID.removeAll(keepingCapacity: true)
        price.removeAll(keepingCapacity: true)
        volume.removeAll(keepingCapacity: true)
        marketCap.removeAll(keepingCapacity: true)
        percentChange.removeAll(keepingCapacity: true)
        reasons.removeAll(keepingCapacity: true)
        types.removeAll()
        hasTimestamp = false
        if !isPlain {
            for field in TickerField.allCases { if case .constant(let text) = rules[field.ordinal] { setText(field, text.span) } }
        }
    }

    /// Takes a field as text, as a CSV cell or a JSON string gives it.
    mutating func set(_ field: TickerField, text: Span<UInt8>) {
        if field == .timestamp, !Self.isNull(text) { types.addTimestamp(text: text) }
        take(field, text)
    }

    private mutating func take(_ field: TickerField, _ text: Span<UInt8>) {
        if isPlain { setText(field, text) } else { setByRule(field, text) }
    }

    private mutating func setByRule(_ field: TickerField, _ text: Span<UInt8>) {
        switch rules[field.ordinal] {
        case .none: setText(field, text)
        case .constant: break
        case .pattern(let pattern):
            switch pattern.find(in: text) {
            case .value(let value): setText(field, value.span)
            case .nothing: break
            // What is there and cannot be read is not null (spec section 3).
            case .unreadable: if !Self.isNull(text) { reasons.append(field.isNumber ? "bad_number" : "bad_\(field.rawValue)") }
            }
        case .unreadablePattern: reasons.append("bad_pattern")
        }
    }

    private mutating func setText(_ field: TickerField, _ text: Span<UInt8>) {
        if Self.isNull(text) { return }
        switch field {
        case .symbol: appendText(.symbol, text)
        case .name: appendText(.name, text)
        case .sourceID: appendText(.sourceID, text)
        case .timestamp: setTimestamp(text)
        case .price, .volume, .marketCap, .percentChange:
            guard field == .percentChange || Self.isDollars(text) else { return reasons.append("bad_number") }
            let separator = format.decimalSeparator
            number(field) { out throws(DecimalLiteral.Failure) in
                try DecimalLiteral.appendCanonical(cell: text, decimalSeparator: separator, to: &out)
            }
        }
    }

    /// Refuses the record when a field says that its amounts are in another currency.
    mutating func check(_ currency: CurrencyField, _ text: Span<UInt8>) {
        if currency.speaksAgainstDollars(text), !reasons.contains("other_currency") { reasons.append("other_currency") }
    }

    /// Takes a field from a JSON record; null and absent values leave it empty.
    mutating func set(_ field: TickerField, json value: JSONValue?) {
        guard let value, !value.isNull else { return }
        switch value.kind {
        case .string: types.add(.string, in: field)
        case .number: types.add(.number, in: field)
        case .bool: types.add(.boolean, in: field)
        case .object, .array, .null: break
        }
        if !isPlain, rules[field.ordinal].isDeclared { return setByRule(field, json: value) }
        switch (value.kind, field) {
        case (.string, _):
            var text: [UInt8] = []
            value.appendString(to: &text)
            // The words for no value are those of tables; in JSON a coin may be called `NA` or `-`.
            switch field {
            case .symbol, .name, .sourceID: appendText(field, text.span)
            default: take(field, text.span)
            }
        case (.number, .timestamp): value.withRaw { setTimestamp($0) }
        case (.number, .price), (.number, .volume), (.number, .marketCap), (.number, .percentChange):
            value.withRaw { raw in
                number(field) { out throws(DecimalLiteral.Failure) in try DecimalLiteral.appendCanonical(raw, to: &out) }
            }
        case (.number, .symbol), (.number, .name), (.number, .sourceID): value.withRaw { appendText(field, $0) }
        default: reasons.append("bad_\(field.rawValue)")
        }
    }

    private mutating func setByRule(_ field: TickerField, json value: JSONValue) {
        switch value.kind {
        case .string:
            var text: [UInt8] = []
            value.appendString(to: &text)
            setByRule(field, text.span)
        case .number: value.withRaw { setByRule(field, $0) }
        default: if !rules[field.ordinal].isConstant { reasons.append("bad_\(field.rawValue)") }
        }
    }

    /// Settles what is required and what falls back; true for a good row.
    mutating func finish() -> Bool {
        if symbol.isEmpty { missing(.symbol) }
        if price.isEmpty { missing(.price) }
        if !hasTimestamp { missing(.timestamp) }
        if name.isEmpty { name.append(contentsOf: symbol) }
        if sourceID.isEmpty { sourceID.append(contentsOf: symbol) }
        return reasons.isEmpty
    }

    /// Of all that is not the row's identity: equal for a name of the same bytes and numbers of the same exact values (spec section 3).
    var contentHash: Int {
        var hasher = Hasher()
        hasher.combine(name.count)
        name.withUnsafeBytes { hasher.combine(bytes: $0) }
        for literal in [price, volume, marketCap, percentChange] {
            let shortest = Self.withoutTrailingZeros(literal)
            hasher.combine(shortest.count)
            shortest.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
        return hasher.finalize()
    }

    /// The one literal among those of a value that ends with neither a zero behind the point nor the point.
    private static func withoutTrailingZeros(_ literal: [UInt8]) -> ArraySlice<UInt8> {
        guard literal.contains(UInt8(ascii: ".")), let last = literal.lastIndex(where: { $0 != UInt8(ascii: "0") }) else { return literal[...] }
        return literal[...(literal[last] == UInt8(ascii: ".") ? last - 1 : last)]
    }

    mutating func reject(_ reason: String) { reasons.append(reason) }

    /// An empty field whose value was bad has its reason already.
    private mutating func missing(_ field: TickerField) {
        let own =
            field == .timestamp
            ? ["bad_timestamp", "ambiguous_timestamp", "timestamp_zone_name", "timestamp_out_of_range", "bad_pattern"]
            : ["bad_\(field.rawValue)", "bad_number", "price_not_positive", "bad_pattern"]
        if reasons.contains(where: own.contains) { return }
        for reason in unmappedReasons[field] ?? [field.missingReason] where !reasons.contains(reason) { reasons.append(reason) }
    }

    private mutating func appendText(_ field: TickerField, _ text: Span<UInt8>) {
        do throws(TickerText.Failure) {
            switch field {
            case .symbol: try TickerText.appendSymbol(text, to: &symbol)
            case .name: try TickerText.appendName(text, to: &name)
            default: try TickerText.appendSourceID(text, to: &sourceID)
            }
        } catch {
            if error != .empty { reasons.append("bad_\(field.rawValue)") }
        }
    }

    private mutating func setTimestamp(_ text: Span<UInt8>) {
        do throws(Timestamp.Failure) {
            let parsed = try Timestamp.parse(text, format: format.timestamps)
            guard parsed >= .earliest, parsed <= latest else {
                reasons.append("timestamp_out_of_range")
                return
            }
            timestamp = parsed
            let range = TickerText.trimmed(text)
            var start = range.lowerBound
            for index in range where text[index] == UInt8(ascii: "/") { start = index }
            timestampBytes = text[range.upperBound - 1] | 0x20 == UInt8(ascii: "z") ? .max : range.upperBound - start
            hasTimestamp = true
        } catch {
            switch error {
            case .unreadable: reasons.append("bad_timestamp")
            case .zoneName: reasons.append("timestamp_zone_name")
            case .ambiguousDate: reasons.append("ambiguous_timestamp")
            }
        }
    }

    private mutating func number(
        _ field: TickerField,
        _ append: (inout [UInt8]) throws(DecimalLiteral.Failure) -> DecimalLiteral.Sign
    ) {
        do throws(DecimalLiteral.Failure) {
            let sign: DecimalLiteral.Sign
            switch field {
            case .price:
                sign = try append(&price)
                if sign != .positive { reasons.append("price_not_positive") }
            case .volume:
                sign = try append(&volume)
                if sign == .zero, format.zeroIsNull.contains(.volume) { volume.removeAll(keepingCapacity: true) }
            case .marketCap:
                sign = try append(&marketCap)
                if sign == .zero, format.zeroIsNull.contains(.marketCap) { marketCap.removeAll(keepingCapacity: true) }
            default:
                sign = try append(&percentChange)
                if sign == .zero, format.zeroIsNull.contains(.percentChange) { percentChange.removeAll(keepingCapacity: true) }
            }
            if sign == .negative, field == .volume || field == .marketCap { reasons.append("bad_number") }
        } catch {
            reasons.append("bad_number")
        }
    }

    /// Blank, `null`, `NA`, `N/A` and `-` stand for no value (spec section 2).
    static func isNull(_ text: Span<UInt8>) -> Bool {
        let range = TickerText.trimmed(text)
        switch range.count {
        case 0: return true
        case 1: return text[range.lowerBound] == UInt8(ascii: "-")
        case 2: return equals(text, range, "na")
        case 3: return equals(text, range, "n/a")
        case 4: return equals(text, range, "null")
        default: return false
        }
    }

    /// Whether an amount is not said to be in another currency, nor in percent (spec section 4: such a value is never a USD value).
    private static func isDollars(_ text: Span<UInt8>) -> Bool {
        // Behind the sign all blanks may come that the reader of numbers passes over.
        let range = TickerText.trimmed(text)
        if !range.isEmpty, text[range.upperBound - 1] == UInt8(ascii: "%") { return false }
        var all: UInt8 = 0
        for index in range { all |= text[index] }
        // Plain ASCII, as nearly every number is.
        if all < 0x80 { return true }
        var previous: UInt8 = 0
        var beforePrevious: UInt8 = 0
        for index in range {
            let byte = text[index]
            // U+00A2 to U+00A5 and U+20A0 to U+20CF are currency signs.
            if previous == 0xC2, (0xA2...0xA5).contains(byte) { return false }
            if beforePrevious == 0xE2, previous == 0x82, (0xA0...0xBF).contains(byte) { return false }
            if beforePrevious == 0xE2, previous == 0x83, (0x80...0x8F).contains(byte) { return false }
            beforePrevious = previous
            previous = byte
        }
        return true
    }

    private static func equals(_ text: Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        word.withUTF8Buffer { bytes in
            for (index, byte) in bytes.enumerated() where text[range.lowerBound + index] | 0x20 != byte | 0x20 { return false }
            return true
        }
    }
}
