extension Timestamp {
    /// Why a text is not a timestamp.
    public enum Failure: Error, Equatable, Sendable {
        /// No form of date that is understood, or a day or time that does not exist.
        case unreadable
        /// The time is followed by the name of a zone, as in `2020-01-01 00:00 EST`. Names change their meaning with
        /// place and season; the source should declare a fixed offset instead.
        case zoneName
        /// A date of numbers, year last, and no declaration whether its day or its month comes first.
        case ambiguousDate
    }

    /// Which part of a date like `03/04/2024` comes first.
    public enum SlashOrder: Sendable, Equatable {
        case dayFirst, monthFirst
    }

    /// What a source declares about its dates.
    public struct Format: Sendable, Equatable {
        /// Minutes east of UTC of dates and times that carry no zone of their own.
        public var offsetMinutes = 0
        /// The order in dates with slashes; without it they are refused as ambiguous, every one of them, so that a
        /// column is not half read by the days that happen to be above 12.
        public var slashes: SlashOrder?

        /// UTC, and no dates with slashes.
        public init() {}

        /// - Parameters:
        ///   - offsetMinutes: minutes east of UTC of dates and times without a zone.
        ///   - slashes: the order in dates with slashes, when there are such dates.
        public init(offsetMinutes: Int = 0, slashes: SlashOrder? = nil) {
            self.offsetMinutes = offsetMinutes
            self.slashes = slashes
        }
    }

    /// Reads a timestamp in any form that sources use. Digits finer than a millisecond are cut, not rounded.
    ///
    /// * RFC 3339, any offset and fraction, also with `t`, `z`, a blank for the `T`, and offsets `+0530`, `+05`;
    /// * `YYYY-MM-DD` and `YYYY-MM-DD HH:MM[:SS[.fff]]`, with nothing, `Z`, `UTC` or `GMT` behind;
    /// * RFC 822 and 2822 dates, `Fri, 10 Mar 2023 21:05:00 +0000`, with the zone names these documents define;
    /// * dates of numbers with slashes, dashes or points (`28/4/2013`, `28.04.2013`) in the declared order, and year first, which needs none;
    /// * dates with the name of the month, `13 April 2026`, `Sep 17, 2024`;
    /// * times of a twelve-hour clock, `7:05 PM`, `07-AM`;
    /// * epoch seconds, milliseconds, microseconds or nanoseconds, told apart by their number of digits.
    ///
    /// The second 60 is taken where leap seconds are, at the end of a UTC day, and means the first moment of the next.
    /// Whether the moment lies in the range that rows may have is the caller's question.
    ///
    /// - Parameters:
    ///   - text: the timestamp, with blanks around it or not.
    ///   - format: what the source declares.
    /// - Throws: `Failure`.
    public static func parse(_ text: Span<UInt8>, format: Format = Format()) throws(Failure) -> Timestamp {
        try text.withUnsafeBufferPointer { (bytes) throws(Failure) -> Timestamp in
            if let usual = Timestamp(usual: bytes) { return usual }
            let range = Blanks.trimmed(bytes)
            var reader = TimestampReader(UnsafeBufferPointer(rebasing: bytes[range]), format: format)
            return try reader.read()
        }
    }

    /// Reads a timestamp from a string; see `parse(_:format:)` over bytes.
    public static func parse(_ text: String, format: Format = Format()) throws(Failure) -> Timestamp {
        try parse(Array(text.utf8).span, format: format)
    }

    /// Reads `2024-12-15T14:30:00Z`, the form that most sources write, in one go; nil: another form, or a part out of its range.
    private init?(usual bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 20, bytes[19] == UInt8(ascii: "Z"), bytes[10] == UInt8(ascii: "T"), bytes[4] == ASCII.minus, bytes[7] == ASCII.minus,
            bytes[13] == ASCII.colon, bytes[16] == ASCII.colon
        else { return nil }
        var areDigits = true
        func two(_ index: Int) -> Int {
            let tens = ASCII.digit(bytes[index])
            let ones = ASCII.digit(bytes[index + 1])
            areDigits = areDigits && tens < 10 && ones < 10
            return Int(tens) * 10 + Int(ones)
        }
        let year = two(0) * 100 + two(2)
        let month = two(5)
        let day = two(8)
        let (hour, minute, second) = (two(11), two(14), two(17))
        // A second 60 needs a closer look.
        guard areDigits, hour < 24, minute < 60, second < 60, let date = CivilDate(year: year, month: month, day: day) else { return nil }
        milliseconds = Int64(((date.daysSinceEpoch * 24 + hour) * 60 + minute) * 60 + second) * 1_000
    }
}
