/// Sample values as the exposition format wants them: what Go's `ParseFloat` reads.
enum SampleValue {
    /// Appends `value`: whole numbers without a fraction, `NaN`, `+Inf`, `-Inf`, everything else as its shortest exact
    /// decimal form.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        if value.isNaN {
            bytes.append(contentsOf: "NaN".utf8)
        } else if value.isInfinite {
            bytes.append(contentsOf: (value > 0 ? "+Inf" : "-Inf").utf8)
        } else if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
            append(whole, to: &bytes)
        } else {
            bytes.append(contentsOf: value.description.utf8)
            // A whole number above 2^53 prints as `1e+16` or with `.0`; the latter says nothing.
            if bytes.suffix(2).elementsEqual(".0".utf8) { bytes.removeLast(2) }
        }
    }

    /// Appends a whole number in decimal.
    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
