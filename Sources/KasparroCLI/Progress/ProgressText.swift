import MarketData

// How progress reads, on a terminal and in plain lines.

extension RunProgress.Source {
    /// What it does, in words.
    ///
    /// - Parameter now: by the clock of its waits.
    func activity(at now: Timestamp) -> String {
        switch state {
        case .running: return "running"
        case .ended(let status): return status
        case .waiting(let until, let why):
            let left = durationText(max(0, until.milliseconds - now.milliseconds)) + " left"
            return switch why {
            case "quota": "waiting for quota, \(left)"
            case "upstream": "waiting as the API asks, \(left)"
            case "backoff": "waiting before the next try, \(left)"
            default: "waiting, \(left)"
            }
        }
    }
}

/// `1234567` → `1,234,567`.
func groupedText(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text += "," }
        text.append(digit)
    }
    return text
}

/// `1 row`, `1,234 rows`.
func groupedText(_ number: Int, _ noun: String) -> String { "\(groupedText(number)) \(noun)\(number == 1 ? "" : "s")" }

/// `7 s`, `2 min 5 s`, `1 h 3 min`; whole seconds, rounded up, so that nothing that is left is told as 0 s.
func durationText(_ milliseconds: Int64) -> String {
    let seconds = (milliseconds + 999) / 1_000
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3_600 { return "\(seconds / 60) min" + (seconds % 60 > 0 ? " \(seconds % 60) s" : "") }
    return "\(seconds / 3_600) h" + (seconds % 3_600 >= 60 ? " \(seconds % 3_600 / 60) min" : "")
}

extension String {
    /// With blanks up to a width.
    func padded(to width: Int, isRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: Swift.max(0, width - count))
        return isRight ? blanks + self : self + blanks
    }
}
