import MarketData

/// The limiter as it is kept in the store's state: JSON with wall-clock times.
///
/// Beside them stands when that was, on both clocks. At a restart the time that has passed is what both clocks agree on at least: a wall
/// clock that was set forward meanwhile must not make calls look older than they are. The monotonic clock starts anew with each boot of
/// the machine, and what ended in an earlier boot ended before this one began.
extension RequestLimiter {
    /// More calls than this are never believed to have been in flight.
    private static let mostInFlight: Int64 = 10_000

    func encoded(at now: Moment) -> [UInt8] {
        func wall(_ monotonic: Int64) -> Int64 { now.wall - (now.monotonic - monotonic) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("in_flight", bucket.inFlight)
        writer.array("ended_ms", bucket.ends) { $0.number(wall($1)) }
        writer.member("saved_ms", now.wall)
        writer.member("saved_boot_ms", now.monotonic)
        if let pin, pin > now.monotonic { writer.member("not_before_ms", wall(pin)) }
        if let reduction, effectiveQuota(at: now) < quota.perMinute {
            writer.member("limit", reduction.limit)
            writer.member("limit_since_ms", wall(reduction.since))
        }
        // What older versions read: the one month.
        writer.member("month", months.month.number)
        writer.member("month_used", months.used)
        writer.array("months", months.counts.sorted { $0.key < $1.key }) { writer, count in
            writer.beginObject()
            writer.member("month", count.key.number)
            writer.member("used", count.value)
            writer.endObject()
        }
        if let leaptOver = months.leaptOver { writer.member("month_leapt_over", leaptOver.number) }
        if let paymentStop {
            writer.member("payment_month", paymentStop.month.number)
            writer.member("payment_probed_ms", paymentStop.probedAt)
        }
        if failedAttempts > 0 { writer.member("failed_attempts", failedAttempts) }
        writer.endObject()
        return writer.bytes
    }

    /// From the disk. A call that was in flight when the process died counts as ended now, and so does one that ended in the future.
    ///
    /// - Parameter warning: set when something kept is not believed.
    init(quota: Quota, decoding bytes: [UInt8], at now: Moment, warning: inout String?) {
        self.init(quota: quota, at: now)
        guard let root = try? JSONDocument(parsing: bytes).root, root.kind == .object else {
            bucket = TokenBucket(ends: Array(repeating: now.monotonic, count: self.quota.perMinute), at: now)
            warning = "what is kept of earlier requests cannot be read; the whole quota counts as spent now"
            return
        }
        func member(_ name: String) -> Int64? { root.member(name)?.integer.map { min(max($0, 0), Self.latest) } }
        let saved = member("saved_ms").map { Moment(wall: $0, monotonic: member("saved_boot_ms") ?? 0) }
        /// How long ago something kept was, at least.
        func age(_ wall: Int64) -> Int64 {
            guard let saved else { return min(max(0, now.wall - wall), now.monotonic) }
            let inThisBoot = saved.monotonic <= now.monotonic ? now.monotonic - saved.monotonic : now.monotonic
            return max(0, saved.wall - wall) + min(inThisBoot, max(0, now.wall - saved.wall))
        }
        let abandoned = min(member("in_flight") ?? 0, Self.mostInFlight)
        var ends = [Int64](repeating: now.monotonic, count: Int(abandoned))
        for end in root.member("ended_ms")?.elements.compactMap({ $0.integer }) ?? [] {
            ends.append(now.monotonic - age(min(max(end, 0), Self.latest)))
        }
        bucket = TokenBucket(ends: ends, at: now)
        if let limit = member("limit"), let since = member("limit_since_ms") {
            reduction = Reduction(limit: Int(min(max(1, limit), Int64(self.quota.perMinute))), since: now.monotonic - age(since))
        }
        if let kept = member("not_before_ms") { pin(until: kept, saved: saved, at: now, warning: &warning) }
        if let number = member("month"), let kept = UTCMonth(number: number) {
            var counts: [UTCMonth: Int] = [:]
            if let list = root.member("months") {
                for entry in list.elements {
                    guard let month = entry.member("month")?.integer.flatMap({ UTCMonth(number: $0) }), let used = entry.member("used")?.integer
                    else { continue }
                    counts[month] = Int(min(max(used, 0), Self.latest))
                }
            } else {
                // One count of an older version: of a month that is believed.
                counts[kept.seen(from: months.month)] = Int(member("month_used") ?? 0)
            }
            let isSameBoot = saved.map { $0.monotonic > 0 && $0.monotonic <= now.monotonic } ?? false
            let leaptOver = member("month_leapt_over").flatMap { UTCMonth(number: $0) }
            months = MonthCounts(kept, counts: counts, leaptOver: leaptOver, saved: isSameBoot ? saved : nil)
        }
        if let number = member("payment_month"), let kept = UTCMonth(number: number) {
            paymentStop = PaymentStop(month: kept, probedAt: member("payment_probed_ms") ?? 0)
        }
        failedAttempts = Int(min(member("failed_attempts") ?? 0, 1_000_000))
    }

    private mutating func pin(until kept: Int64, saved: Moment?, at now: Moment, warning: inout String?) {
        // Within one boot no clock that was set forward ends it earlier, as it makes no call older.
        let inThisBoot = saved.map { $0.monotonic > 0 && $0.monotonic <= now.monotonic } ?? false
        let rest =
            if let saved, inThisBoot, now.wall > saved.wall {
                kept - saved.wall - min(now.wall - saved.wall, now.monotonic - saved.monotonic)
            } else {
                kept - now.wall
            }
        if rest > Self.longestPinMilliseconds {
            warning =
                "no request before \(Timestamp(milliseconds: kept)) is kept, but it is \(Timestamp(milliseconds: now.wall)) now;"
                + " more than 31 days are not believed"
        } else if rest > 0 {
            // A clock that was set back does not make it longer.
            pin = now.monotonic + min(rest, saved.map { max(0, kept - $0.wall) } ?? rest)
        }
    }

    /// The year 9999: no sum of such times overflows.
    private static let latest: Int64 = 253_402_300_800_000
}
