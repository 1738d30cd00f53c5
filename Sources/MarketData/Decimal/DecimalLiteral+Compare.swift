extension DecimalLiteral {
    /// Compares the exact values of two canonical literals: `1941062.0` equals `1941062`.
    ///
    /// - Parameters: two literals as `appendCanonical` writes them; other text gives a meaningless answer, safely.
    /// - Returns: less than 0 when `a` is smaller, 0 when the values are equal, more than 0 when `a` is greater.
    public static func compare(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Int {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                let aIsNegative = a.first == ASCII.minus
                let bIsNegative = b.first == ASCII.minus
                // A canonical zero has no minus, so different signs are different values.
                if aIsNegative != bIsNegative { return aIsNegative ? -1 : 1 }
                let start = aIsNegative ? 1 : 0
                let order = compareMagnitudes(a, b, from: start)
                return aIsNegative ? -order : order
            }
        }
    }

    private static func compareMagnitudes(
        _ a: UnsafeBufferPointer<UInt8>,
        _ b: UnsafeBufferPointer<UInt8>,
        from start: Int
    ) -> Int {
        let aPoint = point(of: a, from: start)
        let bPoint = point(of: b, from: start)
        // Without leading zeros the longer integer is the greater one.
        if aPoint != bPoint { return aPoint < bPoint ? -1 : 1 }
        var index = start
        let count = max(a.count, b.count)
        while index < count {
            let aDigit = index < a.count && index != aPoint ? a[index] : ASCII.zero
            let bDigit = index < b.count && index != bPoint ? b[index] : ASCII.zero
            if aDigit != bDigit { return aDigit < bDigit ? -1 : 1 }
            index += 1
        }
        return 0
    }

    /// The index of the point, or the end where there is none.
    private static func point(of literal: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < literal.count, literal[index] != ASCII.period { index += 1 }
        return index
    }
}
