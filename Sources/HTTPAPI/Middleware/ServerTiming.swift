/// The header field that browsers' developer tools draw (W3C Server Timing): milliseconds with three digits.
enum ServerTiming {
    /// - Parameters:
    ///   - total: since the request's head was read.
    ///   - parts: what a route has measured already, as it stands in the field.
    static func text(total: Duration, parts: String?) -> String {
        let total = entry("total", total)
        return parts.map { $0 + ", " + total } ?? total
    }

    /// One measured part.
    static func entry(_ name: String, _ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let fraction = "\(microseconds % 1_000)"
        return name + ";dur=\(microseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
    }
}
