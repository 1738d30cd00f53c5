import MarketData

/// Whether the machine's clock can be right (spec section 2): timestamps in the future are refused by it, and quotas are kept with it.
enum ClockCheck {
    private static let toleranceMilliseconds: Int64 = 86_400_000

    /// - Parameters:
    ///   - existsSince: when the program was made.
    ///   - newestFetch: when a source was asked last; nil: never.
    /// - Returns: What is wrong and what to do; nil when nothing speaks against the clock.
    static func problem(now: Timestamp, existsSince: Timestamp, newestFetch: Timestamp?) -> String? {
        if now < existsSince { return "the machine's clock says \(now), and this program was made after \(existsSince); set the clock" }
        guard let newestFetch, now.milliseconds < newestFetch.milliseconds - toleranceMilliseconds else { return nil }
        return "the machine's clock says \(now), and the newest fetch was at \(newestFetch); set the clock,"
            + " or, if it was wrong then and is right now, stop the server and say so once with: kasparro run --accept-clock"
    }
}
