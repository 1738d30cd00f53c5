extension TimestampReader {
    /// Reads a count of units since 1970: `1605855600`, `1605855600.0`, `1609286400000`.
    ///
    /// The unit follows from the number of digits before the point: up to 11 are seconds (to the year 5138), up to 14
    /// milliseconds, up to 17 microseconds, more are nanoseconds. Every moment a row may carry is unambiguous: as
    /// milliseconds 12 digits start in 1973, as microseconds 15 do. Exponents are refused, because the programs that
    /// write `1.60586E+12` have dropped the digits.
    mutating func readEpoch() throws(Timestamp.Failure) -> Timestamp {
        let end = countDigits()
        while index < end, bytes[index] == ASCII.zero { index += 1 }
        let digits = end - index
        var whole: Int64 = 0
        while index < end {
            let (product, overflowed) = whole.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(Int64(ASCII.digit(bytes[index])))
            guard !overflowed, !carried else { throw .unreadable }
            whole = sum
            index += 1
        }
        var fraction = 0
        if take(ASCII.period) {
            guard let value = readFraction() else { throw .unreadable }
            fraction = value
        }
        guard index == bytes.count else { throw .unreadable }
        switch digits {
        case ...11: return Timestamp(milliseconds: whole * 1_000 + Int64(fraction))
        case ...14: return Timestamp(milliseconds: whole)
        case ...17: return Timestamp(milliseconds: whole / 1_000)
        default: return Timestamp(milliseconds: whole / 1_000_000)
        }
    }
}
