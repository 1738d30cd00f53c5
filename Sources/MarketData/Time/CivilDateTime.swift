/// A moment as a UTC calendar date and time of day, to the millisecond.
public struct CivilDateTime: Hashable, Sendable {
    /// The day in UTC.
    public let date: CivilDate
    /// 0 to 23.
    public let hour: Int
    /// 0 to 59.
    public let minute: Int
    /// 0 to 59.
    public let second: Int
    /// 0 to 999.
    public let millisecond: Int

    /// A time of a day, or nil when a part is out of its range. A leap second is not a time here.
    public init?(date: CivilDate, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999).contains(millisecond)
        else { return nil }
        self.date = date
        self.hour = hour
        self.minute = minute
        self.second = second
        self.millisecond = millisecond
    }

    /// The UTC date and time of a timestamp.
    public init(_ timestamp: Timestamp) {
        let milliseconds = Int(timestamp.milliseconds)
        let days = milliseconds.flooredQuotient(86_400_000)
        // Not by subtracting the days: their product overflows for the very first moments of Int64.
        let remainder = milliseconds % 86_400_000
        let ofDay = remainder < 0 ? remainder + 86_400_000 : remainder
        date = CivilDate(daysSinceEpoch: days)
        hour = ofDay / 3_600_000
        minute = ofDay / 60_000 % 60
        second = ofDay / 1_000 % 60
        millisecond = ofDay % 1_000
    }

    /// The timestamp of this moment, for years within ±200,000,000.
    public var timestamp: Timestamp {
        let seconds = (date.daysSinceEpoch * 24 + hour) * 3_600 + minute * 60 + second
        return Timestamp(milliseconds: Int64(seconds * 1_000 + millisecond))
    }
}
