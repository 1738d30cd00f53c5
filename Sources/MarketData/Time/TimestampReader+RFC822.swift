extension TimestampReader {
    /// Reads `[Fri,] 10 Mar [20]23 [21:05[:00] zone]`, the dates of feeds and mail (RFC 822 section 5, RFC 2822 section
    /// 3.3), also with full month names and without a time, as some exports write them. With the month first it is the
    /// American form, `Sep 17, 2024`.
    ///
    /// The weekday is not checked against the date: it carries nothing, and feeds get it wrong.
    mutating func readRFC822() throws(Timestamp.Failure) -> Timestamp {
        if ASCII.isLetter(bytes[index]) {
            var word = takeLetters()
            if isName(word, among: Self.weekdays) != nil, take(ASCII.comma) {
                _ = takeSpaces()
                word = takeLetters()
            }
            if !word.isEmpty { return try readDateTime(date: readMonthFirst(word)) }
        }
        guard let day = number(digits: 1...2), takeDateSeparator(),
            let month = isName(takeLetters(), among: Self.months), takeDateSeparator(),
            let year = readYear(),
            let date = CivilDate(year: year, month: month, day: day)
        else { throw .unreadable }
        guard index < bytes.count else { return try checked(date, TimeOfDay(), offsetMinutes: format.offsetMinutes) }
        guard takeSpaces() else { throw .unreadable }
        let time = try readTime()
        let offset = try readZone(names: Self.zones)
        return try checked(date, time, offsetMinutes: offset)
    }

    /// Reads what follows the month in `Sep 17, 2024` or `September 17 2024`.
    private mutating func readMonthFirst(_ name: Range<Int>) throws(Timestamp.Failure) -> CivilDate {
        guard let month = isName(name, among: Self.months), takeSpaces(), let day = number(digits: 1...2) else { throw .unreadable }
        let hasComma = take(ASCII.comma)
        guard takeSpaces() || hasComma, let year = number(digits: 4...4), let date = CivilDate(year: year, month: month, day: day) else {
            throw .unreadable
        }
        return date
    }

    /// Four digits, or the two of RFC 822 read as RFC 2822 section 4.3 says: 00 to 49 are 2000 to 2049.
    private mutating func readYear() -> Int? {
        let start = index
        guard let year = number(digits: 2...4) else { return nil }
        switch index - start {
        case 2: return year < 50 ? 2_000 + year : 1_900 + year
        case 4: return year
        default: return nil
        }
    }

    /// Blanks as the standards have it, or the `-` of older web servers (`10-Mar-23`).
    private mutating func takeDateSeparator() -> Bool {
        take(ASCII.minus) || takeSpaces()
    }

    /// The number, from 1, of a name given in full or by its first three letters.
    private func isName(_ range: Range<Int>, among names: [StaticString]) -> Int? {
        guard range.count >= 3 else { return nil }
        for (offset, name) in names.enumerated() {
            if matches(range, name) { return offset + 1 }
            let isShort =
                range.count == 3
                && (0..<3).allSatisfy {
                    ASCII.lowercased(bytes[range.lowerBound + $0]) == ASCII.lowercased(name.utf8Start[$0])
                }
            if isShort { return offset + 1 }
        }
        return nil
    }

    private static let weekdays: [StaticString] = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]

    private static let months: [StaticString] = [
        "January", "February", "March", "April", "May", "June", "July",
        "August", "September", "October", "November", "December",
    ]

    /// The names with a fixed meaning in these dates (RFC 2822 section 4.3). The one-letter military zones are left
    /// out, because RFC 822 itself had their signs wrong and nobody knows what a sender means.
    private static let zones: [NamedZone] = [
        ("UT", 0), ("EST", -300), ("EDT", -240), ("CST", -360), ("CDT", -300),
        ("MST", -420), ("MDT", -360), ("PST", -480), ("PDT", -420),
    ]
}
