import MarketData

/// What the first values of a field look like, in constant memory.
///
/// Counts only: `ValueEvidence` says what they mean for a target.
struct ValueProfile: Sendable {
    /// The values of so many records are kept as they are, to be compared with what the store holds for the same records' symbols.
    static let keptValues = 50
    /// Of each so many bytes.
    private static let keptBytes = 64
    /// A longer text is counted as text and not looked into.
    private static let readBytes = 256

    /// What a value is, as its source writes it.
    enum Kind: Sendable {
        case string, number, boolean
        /// An object or an array.
        case container
    }

    /// Records in which the field has a value.
    private(set) var present = 0
    /// Records in which it is there and null, or blank.
    private(set) var nulls = 0
    /// The first values, by record; nil where it has none.
    private(set) var first: [[UInt8]?] = []

    // MARK: What the present values are

    private(set) var booleans = 0
    private(set) var containers = 0
    /// Numbers as `DecimalLiteral` reads a cell, with a decimal point or a decimal comma.
    private(set) var numbers = NumberCounts()
    private(set) var texts = TextCounts()
    /// Moments that a row may have (spec section 2); dates in which day and month cannot be told apart are among them.
    private(set) var moments = 0
    /// Dates that want a declaration: with slashes, or with the name of a zone.
    private(set) var undeclaredDates = 0
    /// Times of day without a date.
    private(set) var clockTimes = 0
    /// Whether all values so far are the same.
    private(set) var isConstant = true

    /// Whether most values name a market of two coins, as `BTC/USDT` does.
    var looksLikePairs: Bool { texts.pairs * 2 > present }

    /// Takes the value of the next record as text: a cell, or what an element says. The words that stand for no value count as nulls.
    mutating func add(text: Span<UInt8>) {
        if RowDraft.isNull(text) { addNull() } else { add(kind: .string, text) }
    }

    /// Takes the value of the next record; nil when the record does not have the field.
    mutating func add(json value: JSONValue?) {
        guard let value else { return keep(nil) }
        switch value.kind {
        case .null: addNull()
        case .string:
            var text: [UInt8] = []
            value.appendString(to: &text)
            // In JSON a coin may be called `NA`, so that only blanks are nothing.
            if TickerText.trimmed(text.span).isEmpty { addNull() } else { add(kind: .string, text.span) }
        case .number: value.withRaw { add(kind: .number, $0) }
        case .bool: value.withRaw { add(kind: .boolean, $0) }
        case .object, .array: add(kind: .container, [UInt8]().span)
        }
    }

    private mutating func addNull() {
        nulls += 1
        keep(nil)
    }

    private mutating func keep(_ value: [UInt8]?) { if first.count < Self.keptValues { first.append(value) } }

    private mutating func add(kind: Kind, _ text: Span<UInt8>) {
        let range = TickerText.trimmed(text)
        let kept = Array(text.extracting(range.lowerBound..<min(range.upperBound, range.lowerBound + Self.keptBytes)).bytes)
        isConstant = isConstant && (present == 0 || kept == constant)
        if present == 0 { constant = kept }
        present += 1
        keep(kept)
        switch kind {
        case .boolean: booleans += 1
        case .container: containers += 1
        case .string where range.count > Self.readBytes: texts.addLong(range.count)
        case .string, .number:
            let value = text.extracting(range)
            let isNumber = numbers.add(value)
            if kind == .string, !isNumber { texts.add(value) }
            addMoment(value)
        }
    }
    private var constant: [UInt8] = []

    private mutating func addMoment(_ text: Span<UInt8>) {
        do throws(Timestamp.Failure) {
            let moment = try Timestamp.parse(text)
            if moment >= .earliest, moment < Self.latest { moments += 1 }
        } catch {
            switch error {
            case .ambiguousDate, .zoneName:
                moments += 1
                undeclaredDates += 1
            case .unreadable: if Self.isClockTime(text) { clockTimes += 1 }
            }
        }
    }

    /// 2100-01-01: a profile has no clock, and no source writes what comes after it.
    private static let latest = Timestamp(milliseconds: 4_102_444_800_000)

    /// `14:30`, `14:30:00.000`.
    private static func isClockTime(_ text: Span<UInt8>) -> Bool {
        guard (4...16).contains(text.count) else { return false }
        var colons = 0
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: ":"): colons += 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): break
            default: return false
            }
        }
        return (1...2).contains(colons)
    }
}
