/// A moment in UTC, in whole milliseconds since 1970-01-01T00:00:00Z. Leap seconds are not counted, as in POSIX time.
@frozen
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before it.
    public var milliseconds: Int64

    /// The moment so many milliseconds after 1970-01-01T00:00:00Z.
    @inlinable
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// 2009-01-01T00:00:00Z: the first moment a row may carry. There was no crypto market before it.
    public static let earliest = Timestamp(milliseconds: 1_230_768_000_000)

    /// Whether `a` is the earlier moment.
    @inlinable
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
}

extension Timestamp: CustomStringConvertible {
    /// Appends the RFC 3339 form in UTC, `2024-12-15T14:30:00Z`, with three fraction digits only when they are not
    /// zero. Years outside 0000 to 9999, which no row has, get a sign and at least six digits (ISO 8601 expanded).
    public func append(to out: inout [UInt8]) {
        withText { out.append(copying: $0) }
    }

    /// Lends the text that `append(to:)` writes.
    func withText(_ body: (Span<UInt8>) -> Void) {
        let moment = CivilDateTime(self)
        var text = InlineArray<32, UInt8>(repeating: 0)
        var end = 0
        func put(_ byte: UInt8) {
            text[end] = byte
            end += 1
        }
        func putTwo(_ value: Int) {
            let value = UInt32(truncatingIfNeeded: value)
            put(ASCII.zero &+ UInt8(truncatingIfNeeded: value / 10))
            put(ASCII.zero &+ UInt8(truncatingIfNeeded: value % 10))
        }
        func put(_ value: Int, digits: Int) {
            var rest = value
            for place in stride(from: end + digits - 1, through: end, by: -1) {
                text[place] = ASCII.zero &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            end += digits
        }
        let year = moment.date.year
        if year < 0 || year > 9_999 {
            put(year < 0 ? ASCII.minus : ASCII.plus)
            put(abs(year), digits: abs(year) > 999_999 ? 9 : 6)
        } else {
            putTwo(year / 100)
            putTwo(year % 100)
        }
        put(ASCII.minus)
        putTwo(moment.date.month)
        put(ASCII.minus)
        putTwo(moment.date.day)
        put(UInt8(ascii: "T"))
        putTwo(moment.hour)
        put(ASCII.colon)
        putTwo(moment.minute)
        put(ASCII.colon)
        putTwo(moment.second)
        if moment.millisecond != 0 {
            put(ASCII.period)
            put(moment.millisecond, digits: 3)
        }
        put(UInt8(ascii: "Z"))
        body(text.span.extracting(0..<end))
    }

    /// The text that `append(to:)` writes.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
