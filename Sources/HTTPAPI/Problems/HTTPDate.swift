import Glibc
import MarketData

/// A moment as header fields have it (IMF-fixdate, RFC 9110 section 5.6.7).
enum HTTPDate {
    /// By the system's clock, as `Sun, 06 Nov 1994 08:49:37 GMT`.
    static var now: String { text(Timestamp(milliseconds: Int64(time(nil)) * 1_000)) }

    static func text(_ timestamp: Timestamp) -> String {
        let moment = CivilDateTime(timestamp)
        // 1970 began with a Thursday.
        let weekday = ((moment.date.daysSinceEpoch + 3) % 7 + 7) % 7
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(moment.hour)):\(two(moment.minute)):\(two(moment.second))"
        return "\(days[weekday]), \(two(moment.date.day)) \(months[moment.date.month - 1]) \(moment.date.year) \(clock) GMT"
    }
}
