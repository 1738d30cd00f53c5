import MarketData

/// Times as people read them.
enum DisplayTime {
    /// `5 min ago`, `in 45 min`.
    static func relative(_ time: Timestamp, to now: Timestamp) -> String {
        let milliseconds = now.milliseconds - time.milliseconds
        let distance = abs(milliseconds)
        if distance < 1_000 { return "now" }
        let text = distance < 60_000 ? "\(distance / 1_000) s" : span(distance)
        return milliseconds > 0 ? text + " ago" : "in " + text
    }

    /// The two largest units that matter, or one: `45 s`, `12 min`, `3 h 20 min`, `9 d`.
    static func span(_ milliseconds: Int64) -> String {
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        let seconds = milliseconds / 1_000
        switch seconds {
        case ..<10: return "\(seconds).\(milliseconds % 1_000 / 100) s"
        case ..<60: return "\(seconds) s"
        case ..<3_600: return "\(seconds / 60) min"
        case ..<(10 * 3_600): return "\(seconds / 3_600) h" + (seconds / 60 % 60 == 0 ? "" : " \(seconds / 60 % 60) min")
        case ..<(48 * 3_600): return "\(seconds / 3_600) h"
        case ..<(730 * 86_400): return "\(DisplayNumber.grouped(Int(seconds / 86_400))) d"
        default: return "\(seconds / (365 * 86_400)) y"
        }
    }

    /// `2024-12-15 14:30 UTC`.
    static func minute(_ time: Timestamp) -> String {
        let text = time.description
        return text.prefix(10) + " " + text.dropFirst(11).prefix(5) + " UTC"
    }
}

extension HTMLWriter {
    /// A moment: relative to see, exact to point at, and for programs to read. A dash where there is none.
    mutating func time(_ time: Timestamp?, now: Timestamp) {
        guard let time else { return markup("<span class=\"none\">–</span>") }
        markup("<time")
        attribute("datetime", time.description)
        attribute("title", DisplayTime.minute(time))
        markup(">")
        text(DisplayTime.relative(time, to: now))
        markup("</time>")
    }
}
