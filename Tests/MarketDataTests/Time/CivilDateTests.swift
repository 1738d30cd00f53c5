import MarketData
import Testing

@Suite struct CivilDateTests {
    @Test func knownDaysAreInTheirPlaces() {
        for (year, month, day, days) in [
            (1970, 1, 1, 0), (1969, 12, 31, -1), (2000, 2, 29, 11_016), (2000, 3, 1, 11_017), (0, 3, 1, -719_468),
            (9999, 12, 31, 2_932_896), (-1, 1, 1, -719_893),
        ] {
            #expect(CivilDate(year: year, month: month, day: day)?.daysSinceEpoch == days, "\(year)-\(month)-\(day)")
        }
    }

    @Test(arguments: [(2023, 2, 29), (1900, 2, 29), (2024, 2, 30), (2024, 4, 31), (2024, 0, 1), (2024, 13, 1), (2024, 1, 0), (2024, 1, 32)])
    func daysThatDoNotExistAreRefused(year: Int, month: Int, day: Int) {
        #expect(CivilDate(year: year, month: month, day: day) == nil)
    }

    @Test func everyDayFollowsTheOneBefore() {
        var expected = CivilDate(year: 1896, month: 1, day: 1)
        var days = expected?.daysSinceEpoch ?? 0
        while let date = expected, date.year < 2105 {
            #expect(date.daysSinceEpoch == days && CivilDate(daysSinceEpoch: days) == date, "\(date)")
            expected =
                CivilDate(year: date.year, month: date.month, day: date.day + 1)
                ?? CivilDate(year: date.year, month: date.month + 1, day: 1)
                ?? CivilDate(year: date.year + 1, month: 1, day: 1)
            days += 1
        }
    }
}
