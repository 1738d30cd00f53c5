/// Reads one timestamp from left to right: tells the form by its first separator, then reads date, time and zone.
///
/// The forms live in extensions, one file each: here dates of digits with the time behind them, elsewhere RFC 822 and
/// epoch numbers.
struct TimestampReader {
    let bytes: UnsafeBufferPointer<UInt8>
    let format: Timestamp.Format
    var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, format: Timestamp.Format) {
        self.bytes = bytes
        self.format = format
    }

    mutating func read() throws(Timestamp.Failure) -> Timestamp {
        guard let first = bytes.first else { throw .unreadable }
        if ASCII.isLetter(first) { return try readRFC822() }
        let digits = countDigits()
        guard digits > 0 else { throw .unreadable }
        let next = digits < bytes.count ? bytes[digits] : nil
        switch next {
        case nil: return try readEpoch()
        case ASCII.period where !startsWithDayAndMonth(digits): return try readEpoch()
        case ASCII.minus where digits == 4: return try readDateTime(date: readYearFirst(separator: ASCII.minus))
        case ASCII.slash where digits == 4: return try readDateTime(date: readYearFirst(separator: ASCII.slash))
        case ASCII.slash, ASCII.period: return try readDateTime(date: readDeclaredOrder())
        case ASCII.minus where startsWithDayAndMonth(digits): return try readDateTime(date: readDeclaredOrder())
        case ASCII.space, ASCII.minus: return try readRFC822()
        default: throw .unreadable
        }
    }

    // MARK: Dates

    private mutating func readYearFirst(separator: UInt8) throws(Timestamp.Failure) -> CivilDate {
        guard let year = number(digits: 4...4), take(separator),
            let month = number(digits: 2...2), take(separator),
            let day = number(digits: 2...2),
            let date = CivilDate(year: year, month: month, day: day)
        else { throw .unreadable }
        return date
    }

    /// Whether two short numbers with one separator behind each begin the text, as in `28.04.2013`.
    private func startsWithDayAndMonth(_ digits: Int) -> Bool {
        guard digits <= 2 else { return false }
        var end = digits + 1
        while end < bytes.count, ASCII.isDigit(bytes[end]) { end += 1 }
        return (1...2).contains(end - digits - 1) && end < bytes.count && bytes[end] == bytes[digits]
    }

    private mutating func readDeclaredOrder() throws(Timestamp.Failure) -> CivilDate {
        guard let first = number(digits: 1...2) else { throw .unreadable }
        let separator = bytes[index]
        guard take(separator), let second = number(digits: 1...2), take(separator), let year = number(digits: 4...4) else { throw .unreadable }
        guard let order = format.slashes else { throw .ambiguousDate }
        let day = order == .dayFirst ? first : second
        let month = order == .dayFirst ? second : first
        guard let date = CivilDate(year: year, month: month, day: day) else { throw .unreadable }
        return date
    }

    // MARK: Time of day

    /// Reads what follows a date: nothing, or a time with an optional zone.
    mutating func readDateTime(date: CivilDate) throws(Timestamp.Failure) -> Timestamp {
        if index == bytes.count { return moment(date, TimeOfDay(), offsetMinutes: format.offsetMinutes) }
        if !take(UInt8(ascii: "T")), !take(UInt8(ascii: "t")) {
            guard takeSpaces() else { throw .unreadable }
        }
        let time = try readTime()
        let offset = try readZone(names: [])
        return try checked(date, time, offsetMinutes: offset)
    }

    /// Hours to milliseconds of a day; `second` may be 60 until `checked` has looked at it.
    struct TimeOfDay {
        var hour = 0
        var minute = 0
        var second = 0
        var millisecond = 0
    }

    /// Reads `HH:MM[:SS[.fff]]`, or the same of a twelve-hour clock with `AM` or `PM` behind it, as is `07-AM`.
    mutating func readTime() throws(Timestamp.Failure) -> TimeOfDay {
        var time = TimeOfDay()
        guard let hour = number(digits: 1...2), hour <= 23 else { throw .unreadable }
        time.hour = hour
        if take(ASCII.colon) {
            try readMinuteAndSecond(&time)
            try takeHalfOfDay(&time)
        } else if try !takeHalfOfDay(&time) {
            throw .unreadable
        }
        return time
    }

    private mutating func readMinuteAndSecond(_ time: inout TimeOfDay) throws(Timestamp.Failure) {
        guard let minute = number(digits: 2...2), minute <= 59 else { throw .unreadable }
        time.minute = minute
        guard take(ASCII.colon) else { return }
        guard let second = number(digits: 2...2), second <= 60 else { throw .unreadable }
        time.second = second
        if take(ASCII.period) {
            guard let millisecond = readFraction() else { throw .unreadable }
            time.millisecond = millisecond
        }
    }

    /// Takes `AM` or `PM`, behind blanks, a `-` or nothing, and makes the hour one of the day; false where neither stands.
    @discardableResult
    private mutating func takeHalfOfDay(_ time: inout TimeOfDay) throws(Timestamp.Failure) -> Bool {
        guard index < bytes.count, bytes[index] != UInt8(ascii: "Z"), bytes[index] != ASCII.plus else { return false }
        let start = index
        if !takeSpaces() { _ = take(ASCII.minus) }
        let word = takeLetters()
        let isAfternoon = matches(word, "PM")
        guard isAfternoon || matches(word, "AM") else {
            index = start
            return false
        }
        guard (1...12).contains(time.hour) else { throw .unreadable }
        time.hour = time.hour % 12 + (isAfternoon ? 12 : 0)
        return true
    }

    /// Reads the digits of a fraction of a second: the first three count, the others are cut.
    mutating func readFraction() -> Int? {
        let start = index
        var value = 0
        while index < bytes.count, ASCII.isDigit(bytes[index]) {
            if index - start < 3 { value = value * 10 + Int(ASCII.digit(bytes[index])) }
            index += 1
        }
        switch index - start {
        case 0: return nil
        case 1: return value * 100
        case 2: return value * 10
        default: return value
        }
    }

    // MARK: Zone

    /// A zone name and its minutes east of UTC.
    typealias NamedZone = (name: StaticString, minutes: Int)

    /// Reads the zone up to the end of the text; none means the declared offset.
    ///
    /// - Parameter names: zone names that the form defines, beside `Z`, `UTC` and `GMT`.
    mutating func readZone(names: [NamedZone]) throws(Timestamp.Failure) -> Int {
        _ = takeSpaces()
        guard index < bytes.count else { return format.offsetMinutes }
        if bytes[index] == ASCII.plus || bytes[index] == ASCII.minus { return try readOffset() }
        if takeLastWord("Z") || takeLastWord("UTC") || takeLastWord("GMT") { return 0 }
        for zone in names where takeLastWord(zone.name) { return zone.minutes }
        throw bytes[index...].allSatisfy(isZoneNameByte) ? .zoneName : .unreadable
    }

    /// Reads `+HH:MM`, `+HHMM` or `+HH` up to the end of the text.
    private mutating func readOffset() throws(Timestamp.Failure) -> Int {
        let isWest = bytes[index] == ASCII.minus
        index += 1
        guard let hours = number(digits: 2...2), hours <= 23 else { throw .unreadable }
        var minutes = 0
        if index < bytes.count {
            _ = take(ASCII.colon)
            guard let value = number(digits: 2...2), value <= 59 else { throw .unreadable }
            minutes = value
        }
        guard index == bytes.count else { throw .unreadable }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }

    /// `Europe/Berlin`, `America/Port-au-Prince`, `EST5EDT`: letters first, then what such names hold.
    private func isZoneNameByte(_ byte: UInt8) -> Bool {
        ASCII.isLetter(bytes[index])
            && (ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.slash || byte == 0x5F
                || byte == ASCII.minus || byte == ASCII.plus)
    }

    // MARK: Joining the parts

    /// The moment, once a second 60 has been found to be a leap second.
    func checked(_ date: CivilDate, _ time: TimeOfDay, offsetMinutes: Int) throws(Timestamp.Failure) -> Timestamp {
        guard time.second == 60 else { return moment(date, time, offsetMinutes: offsetMinutes) }
        var whole = time
        whole.millisecond = 0
        let next = moment(date, whole, offsetMinutes: offsetMinutes)
        guard next.milliseconds % 86_400_000 == 0 else { throw .unreadable }
        return next
    }

    private func moment(_ date: CivilDate, _ time: TimeOfDay, offsetMinutes: Int) -> Timestamp {
        let minutes = (date.daysSinceEpoch * 24 + time.hour) * 60 + time.minute - offsetMinutes
        return Timestamp(milliseconds: Int64((minutes * 60 + time.second) * 1_000 + time.millisecond))
    }
}
