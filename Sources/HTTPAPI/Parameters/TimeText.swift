import MarketData

/// A time as people write it in a parameter.
enum TimeText {
    /// What may be written, for error messages.
    private static let forms =
        "Times are written as `2024-12-15T14:30:00Z` (RFC 3339, any offset), `2024-12-15`, `2024-12-15 14:30` (UTC), "
        + "or seconds or milliseconds since 1970."

    /// Reads the value of a parameter.
    ///
    /// A number is taken only where it means a moment that a row may have (spec section 2): who writes `2025` means the year, and not the
    /// 2,025 seconds behind 1970.
    ///
    /// - Parameter name: the parameter's, for the error message.
    static func parse(_ text: String, of name: String) throws(Problem) -> Timestamp {
        let time: Timestamp
        do {
            time = try read(text)
        } catch {
            let reason =
                switch error {
                case .unreadable: "is not a time this server reads"
                case .zoneName:
                    "names a time zone, whose meaning changes with place and season; write its offset instead"
                case .ambiguousDate: "may be read with the day or the month first; write the year first"
                }
            throw .invalidParameter(name, "`\(name)=\(text)` \(reason). \(forms)")
        }
        if time < .earliest, isNumber(text) {
            let year = text.utf8.count == 4 ? " The year is `\(text)-01-01`." : ""
            throw .invalidParameter(name, "`\(name)=\(text)` is a number that means \(time), before any row.\(year) \(forms)")
        }
        return time
    }

    private static func isNumber(_ text: String) -> Bool {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || ". +".utf8.contains($0) }
    }

    /// Forms send a blank as `+`; where a plus sign is meant, as in an offset, the first reading succeeds.
    private static func read(_ text: String) throws(Timestamp.Failure) -> Timestamp {
        do {
            return try Timestamp.parse(text)
        } catch {
            guard text.utf8.contains(UInt8(ascii: "+")) else { throw error }
            let blanks = text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
            if let timestamp = try? Timestamp.parse(blanks.span) { return timestamp }
            throw error
        }
    }
}
