import MarketData

/// What the headers of an answer say about when to ask again.
///
/// Understood are `Retry-After` (RFC 9110 section 10.2.3), the `RateLimit-Remaining` and `RateLimit-Reset` of the early drafts of
/// draft-ietf-httpapi-ratelimit-headers and the one `RateLimit` of the later ones, and the older `X-RateLimit-…`, which every API fills in
/// its own way.
struct RateLimitHint: Sendable, Equatable {
    /// A window of the API's limit; how much is left of it, and milliseconds until it begins anew.
    private struct Window: Sendable, Equatable {
        var remaining: Int64?
        var reset: Int64?
    }

    private var retryAfter: Int64?
    private var windows: [Window] = []

    init() {}

    /// - Parameters:
    ///   - headers: in any case.
    ///   - now: milliseconds since 1970; the answer's own `Date` goes before it, so that a clock of ours that is wrong does no harm.
    init(headers: [(name: String, value: String)], at now: Int64) {
        func values(_ name: String) -> [String] { headers.filter { $0.name.lowercased() == name }.map(\.value) }
        let present = values("date").first.flatMap(Self.date) ?? now
        retryAfter = values("retry-after").compactMap { Self.seconds($0) ?? Self.date($0).map { $0 - present } }.max()
        for prefix in ["ratelimit-", "x-ratelimit-"] {
            let window = Window(
                remaining: values(prefix + "remaining").compactMap(Self.integer).min(),
                reset: values(prefix + "reset").compactMap { Self.reset($0, at: present) }.max()
            )
            if window != Window() { windows.append(window) }
        }
        for value in values("ratelimit") { windows += Self.windows(value) }
    }

    /// Milliseconds to wait after an answer of this status, or nil when it asks for nothing.
    ///
    /// A reset alone says nothing while requests are answered and some are left. After 429 and 503 some window is used up, whatever
    /// the numbers say.
    func wait(afterStatus status: Int) -> Int64? {
        let usedUp = windows.filter { $0.remaining.map { $0 <= 0 } ?? false }
        if (200..<400).contains(status) {
            if usedUp.isEmpty, windows.contains(where: { $0.remaining != nil }) { return nil }
            return retryAfter ?? usedUp.compactMap(\.reset).max()
        }
        if let retryAfter { return retryAfter }
        if let reset = usedUp.compactMap(\.reset).max() { return reset }
        guard status == 429 || status == 503 else { return nil }
        return windows.compactMap(\.reset).min()
    }

    // MARK: Values

    private static func integer(_ text: String) -> Int64? { seconds(text).map { $0 / 1_000 } }

    /// Digits with or without a fraction, as milliseconds, rounded up.
    private static func seconds(_ text: String) -> Int64? {
        let parts = trimmed(text).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts[0].utf8.count <= 14, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }),
            let whole = Int64(parts[0])
        else { return nil }
        guard parts.count == 2 else { return whole * 1_000 }
        let digits = parts[1].utf8.prefix(3).map { Int64($0) - 0x30 } + [0, 0]
        let isCut = parts[1].utf8.dropFirst(3).contains { $0 != UInt8(ascii: "0") }
        return whole * 1_000 + digits[0] * 100 + digits[1] * 10 + digits[2] + (isCut ? 1 : 0)
    }

    /// Seconds from now when there are few; else an epoch in seconds or milliseconds, or a date.
    private static func reset(_ text: String, at now: Int64) -> Int64? {
        guard let milliseconds = seconds(text) else { return date(text).map { $0 - now } }
        switch milliseconds {
        // Three years of seconds: no window is so long, and no clock shows a time so early.
        case ..<100_000_000_000: return milliseconds
        // 100,000,000,000 s is the year 5138; as milliseconds it is 1973.
        case ..<100_000_000_000_000: return milliseconds - now
        default: return milliseconds / 1_000 - now
        }
    }

    /// Any of the three forms of RFC 9110 section 5.6.7, or `2025-07-25 14:54:00 +0000`.
    private static func date(_ text: String) -> Int64? {
        let text = trimmed(text)
        guard !text.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        if let time = try? Timestamp.parse(text) { return time.milliseconds }
        // The form of C's asctime: `Sun Nov  6 08:49:37 1994`.
        let words = text.split(separator: " ")
        guard words.count == 5 else { return nil }
        return (try? Timestamp.parse("\(words[2]) \(words[1]) \(words[4]) \(words[3]) GMT"))?.milliseconds
    }

    /// `"default";r=0;t=30, "day";r=10;t=3600`, or the one window of an earlier draft, `limit=10, remaining=0, reset=30`.
    private static func windows(_ text: String) -> [Window] {
        let members = text.split(separator: ",").map { $0.split(separator: ";").map(trimmed) }
        func value(_ names: [String], in parameters: [String]) -> Int64? {
            for parameter in parameters {
                let sides = parameter.split(separator: "=", maxSplits: 1).map(String.init)
                if sides.count == 2, names.contains(sides[0].lowercased()), let number = seconds(sides[1]) { return number }
            }
            return nil
        }
        func window(_ parameters: [String]) -> Window {
            Window(remaining: value(["r", "remaining"], in: parameters).map { $0 / 1_000 }, reset: value(["t", "reset"], in: parameters))
        }
        let isOneWindow = members.allSatisfy { $0.count == 1 && $0[0].contains("=") }
        return (isOneWindow ? [window(members.flatMap { $0 })] : members.map(window)).filter { $0 != Window() }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
