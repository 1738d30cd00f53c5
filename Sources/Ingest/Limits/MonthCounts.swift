/// Requests of a source by calendar month, by a wall clock that may be set back and forth over the end of one.
///
/// Each month has a count of its own, so a clock that shows another month for a while takes nothing away from the true one. Where a clock has just
/// crossed the end of a month against all evidence, nobody can tell on which side the requests are made: for a day they count on both.
struct MonthCounts: Sendable, Equatable {
    /// More months are not kept; the oldest goes first.
    private static let kept = 12
    private static let dayMilliseconds: Int64 = 86_400_000
    /// What the two clocks may differ by in their ordinary work.
    private static let leapMilliseconds: Int64 = 600_000

    /// The month of the wall clock when it was last looked at.
    private(set) var month: UTCMonth
    private(set) var counts: [UTCMonth: Int] = [:]
    /// The month over whose end the wall clock jumped forward, for which no time had passed.
    private(set) var leaptOver: UTCMonth?
    private var seen: Moment?
    /// Where the newest request is counted.
    private var newest: [UTCMonth] = []

    init(at now: Moment) {
        month = UTCMonth(of: now.wall)
        seen = now
    }

    /// What was kept.
    ///
    /// - Parameter saved: when it was, by the clocks of this boot; nil when that is not known.
    init(_ month: UTCMonth, counts: [UTCMonth: Int], leaptOver: UTCMonth?, saved: Moment?) {
        self.month = month
        self.counts = counts
        self.leaptOver = leaptOver
        seen = saved
    }

    /// Looks at the clock.
    mutating func turn(at now: Moment) {
        let present = UTCMonth(of: now.wall)
        if let seen, present > month, now.wall - seen.wall > now.monotonic - seen.monotonic + Self.leapMilliseconds,
            UTCMonth(of: seen.wall + max(0, now.monotonic - seen.monotonic)).next == present
        {
            leaptOver = month
        }
        seen = now
        month = present
    }

    /// Counts a request.
    mutating func add(at now: Moment) {
        turn(at: now)
        newest = counted(at: now)
        for month in newest { counts[month, default: 0] += 1 }
        while counts.count > Self.kept, let oldest = counts.keys.min() { counts[oldest] = nil }
    }

    /// The newest request was not sent.
    mutating func takeBack() {
        for month in newest { counts[month] = max(0, (counts[month] ?? 0) - 1) }
        newest = []
    }

    /// Requests of the present month.
    var used: Int { counts[month] ?? 0 }

    /// Milliseconds since 1970 until which a budget is used up; nil while there is some left. After `turn`.
    func usedUp(_ budget: Int, at now: Moment) -> Int64? {
        let full = counted(at: now).filter { (counts[$0] ?? 0) >= budget }
        if full.contains(month.next) { return month.next.next.start }
        if full.contains(month) { return month.next.start }
        return full.isEmpty ? nil : month.start + Self.dayMilliseconds
    }

    /// The months that a request of now may be in.
    private func counted(at now: Moment) -> [UTCMonth] {
        var months = [month]
        // The clock has shown the next one, and stands a little before it again.
        if counts[month.next] != nil, month.next.start - now.wall <= Self.dayMilliseconds { months.append(month.next) }
        if let leaptOver, leaptOver.next == month, now.wall - month.start < Self.dayMilliseconds { months.append(leaptOver) }
        return months
    }
}
