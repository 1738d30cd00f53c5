import MarketData

/// How long a bucket of prices is. Each divides the next larger unit, so that buckets begin at the same times of every day, in UTC; weeks begin on
/// Monday.
enum PriceInterval: String, CaseIterable, Sendable {
    case minute1 = "1m"
    case minutes2 = "2m"
    case minutes3 = "3m"
    case minutes4 = "4m"
    case minutes5 = "5m"
    case minutes6 = "6m"
    case minutes10 = "10m"
    case minutes12 = "12m"
    case minutes15 = "15m"
    case minutes20 = "20m"
    case minutes30 = "30m"
    case hour1 = "1h"
    case hours2 = "2h"
    case hours3 = "3h"
    case hours4 = "4h"
    case hours6 = "6h"
    case hours8 = "8h"
    case hours12 = "12h"
    case day1 = "1d"
    case week1 = "1w"

    /// As users write them.
    static let words = allCases.map(\.rawValue)

    var milliseconds: Int64 {
        let number = Int64(rawValue.dropLast()) ?? 1
        return switch rawValue.last {
        case "m": number * 60_000
        case "h": number * 3_600_000
        case "d": number * Self.day
        default: number * 7 * Self.day
        }
    }

    private static let day: Int64 = 86_400_000
    /// 1970-01-01 was a Thursday.
    private var firstStart: Int64 { self == .week1 ? -3 * Self.day : 0 }

    /// When the bucket began that holds a moment.
    func start(of time: Timestamp) -> Timestamp {
        let (length, passed) = (milliseconds, time.milliseconds - firstStart)
        let rest = passed % length
        return Timestamp(milliseconds: time.milliseconds - (rest < 0 ? rest + length : rest))
    }

    /// When the first bucket begins that does not begin before a moment.
    func firstStart(from time: Timestamp) -> Timestamp {
        let start = start(of: time)
        return start < time ? end(from: start) : start
    }

    /// When a bucket ends, which is not part of it.
    func end(from start: Timestamp) -> Timestamp { Timestamp(milliseconds: start.milliseconds + milliseconds) }
}
