import MarketData

/// `etl_YYYYMMDD_HHMMSS_xxxxxx`: the second in which a run began, in UTC, and a random suffix (spec section 6).
enum RunID {
    static func make(at time: Timestamp, suffix: String) -> String {
        // 2024-12-15T14:30:22Z → 20241215_143022
        let digits = time.description.prefix(19).filter(\.isNumber)
        return "etl_\(digits.prefix(8))_\(digits.dropFirst(8))_\(suffix)"
    }

    /// The second that an id names; nil when it is none of ours.
    static func time(of id: String) -> Timestamp? {
        let parts = id.split(separator: "_")
        guard parts.count == 4, parts[0] == "etl", parts[1].utf8.count == 8, parts[2].utf8.count == 6,
            (parts[1] + parts[2]).utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let date = Array(String(parts[1]))
        let clock = Array(String(parts[2]))
        let day = "\(String(date[..<4]))-\(String(date[4..<6]))-\(String(date[6...]))"
        return try? Timestamp.parse("\(day)T\(String(clock[..<2])):\(String(clock[2..<4])):\(String(clock[4...]))Z")
    }
}
