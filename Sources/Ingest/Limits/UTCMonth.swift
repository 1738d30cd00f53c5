import MarketData

/// A calendar month, UTC.
struct UTCMonth: Sendable, Hashable, Comparable {
    /// Months since January of the year 0.
    private var index: Int

    /// The month of a moment, in milliseconds since 1970.
    init(of wall: Int64) {
        let date = CivilDateTime(Timestamp(milliseconds: wall)).date
        index = date.year * 12 + date.month - 1
    }

    /// From the form `number` has; nil when that is no month of the years 1970 to 9999.
    init?(number: Int64) {
        guard (197_001...999_912).contains(number), (1...12).contains(number % 100) else { return nil }
        index = Int(number / 100) * 12 + Int(number % 100) - 1
    }

    /// 202601 for January 2026.
    var number: Int { index / 12 * 100 + index % 12 + 1 }

    var next: UTCMonth {
        var month = self
        month.index += 1
        return month
    }

    /// Its first moment, in milliseconds since 1970.
    var start: Int64 {
        Int64(CivilDate(year: index / 12, month: index % 12 + 1, day: 1)?.daysSinceEpoch ?? 0) * 86_400_000
    }

    /// The month that something kept belongs to, seen from the present one. A clock that is set back a little must not begin a month
    /// anew later; one that was years ahead must not hold things up for years.
    func seen(from present: UTCMonth) -> UTCMonth { index > present.index + 1 ? present : self }

    static func < (a: UTCMonth, b: UTCMonth) -> Bool { a.index < b.index }
}
