/// Lengths of time as people write them.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]

    /// `500ms`, `30s`, `15m`, `1h`, `90d` in milliseconds; nil for anything else, nothing included.
    package static func milliseconds(_ text: String) -> Int64? {
        guard let unit = units.first(where: { text.hasSuffix($0.name) }) else { return nil }
        let digits = text.dropLast(unit.name.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits), number > 0 else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : product
    }

    /// In the largest unit that gives a whole number.
    package static func text(_ milliseconds: Int64) -> String {
        let unit = units.dropFirst().first { milliseconds % $0.milliseconds == 0 } ?? units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

/// Numbers of bytes as people write them.
package enum ByteCountText {
    private static let units = ["", "K", "M", "G", "T"]

    /// `4096`, `64K`, `64M`, `64MiB` or `1G`, by powers of 1,024; nil for anything else.
    package static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        var unit = text.dropFirst(digits.count).uppercased()
        if unit.hasSuffix("IB") { unit.removeLast(2) } else if unit == "B" { unit = "" }
        guard let number = Int(digits), let power = units.firstIndex(of: unit) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * power))
        return overflow ? nil : product
    }

    /// In the largest unit that gives a whole number.
    package static func text(_ bytes: Int) -> String {
        let power = units.indices.last { $0 == 0 || bytes != 0 && bytes % (1 << (10 * $0)) == 0 } ?? 0
        return "\(bytes / (1 << (10 * power)))\(power == 0 ? "" : units[power] + "iB")"
    }
}

extension ByteCountText {
    /// For people: `1.3 GiB`, cut and not rounded.
    package static func short(_ bytes: Int) -> String {
        let power = units.indices.last { bytes >> (10 * $0) > 0 } ?? 0
        if power == 0 { return "\(bytes) bytes" }
        let tenths = Int((Int64(bytes) >> (10 * Int64(power - 1))) * 10 / 1_024)
        return "\(tenths / 10).\(tenths % 10) \(units[power])iB"
    }
}

extension DurationText {
    /// For people: `45 s`, `12 min`, `3 h 12 min`, `2 d 3 h`; cut and not rounded.
    package static func short(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        if days > 0 { return "\(days) d" + (hours > 0 ? " \(hours) h" : "") }
        if hours > 0 { return "\(hours) h" + (minutes > 0 ? " \(minutes) min" : "") }
        return minutes > 0 ? "\(minutes) min" : "\(seconds) s"
    }
}
