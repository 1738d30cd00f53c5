/// A date of the proleptic Gregorian calendar, and its place on the line of days.
///
/// The arithmetic counts days inside 400-year cycles of 146,097 days that start on 1 March, so that the leap day is
/// the last day of its year (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
public struct CivilDate: Hashable, Comparable, Sendable {
    /// Astronomical year: 0 is 1 BC.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to the last day of the month.
    public let day: Int

    /// A date of the calendar, or nil where there is no such day: 30 February, 29 February 2023, month 13.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= Self.daysInMonth(month, year: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date `days` after 1970-01-01; negative before it.
    public init(daysSinceEpoch days: Int) {
        let shifted = days + Self.epochShift
        let cycle = shifted.flooredQuotient(Self.daysPerCycle)
        let dayOfCycle = shifted - cycle * Self.daysPerCycle
        let yearOfCycle =
            (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / (Self.daysPerCycle - 1)) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01; negative before it.
    public var daysSinceEpoch: Int {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let cycle = yearFromMarch.flooredQuotient(400)
        let yearOfCycle = yearFromMarch - cycle * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * Self.daysPerCycle + dayOfCycle - Self.epochShift
    }

    /// The number of days of a month, 1 to 12, in the given year.
    public static func daysInMonth(_ month: Int, year: Int) -> Int {
        switch month {
        case 2: return isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }

    /// Whether a year has 366 days.
    public static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Whether `a` is the earlier day.
    public static func < (a: CivilDate, b: CivilDate) -> Bool {
        (a.year, a.month, a.day) < (b.year, b.month, b.day)
    }

    private static let daysPerCycle = 146_097
    /// Days from 0000-03-01 to 1970-01-01.
    private static let epochShift = 719_468
}

extension Int {
    /// The quotient rounded towards minus infinity, so that days before the epoch fall into the right cycle.
    func flooredQuotient(_ divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
