/// Exact decimal numbers as text.
///
/// A number is never turned into a machine number: its digits are kept as they were received, and only the way they
/// are written is made uniform. The canonical form is
///
///     literal = [ "-" ] integer [ "." 1*DIGIT ]      integer = "0" / ( %x31-39 *DIGIT )
///
/// with at most `maximumLength` characters and no minus before a zero. Trailing zeros stay, so `1.50` and `1.5` are
/// different literals of the same value; `compare` tells values.
public enum DecimalLiteral {
    /// The longest canonical literal, in characters, sign and point included.
    public static let maximumLength = 64

    /// Why a text is not a literal.
    public enum Failure: Error, Equatable, Sendable {
        /// The text is not a decimal number.
        case notANumber
        /// The text is a number whose canonical form would be longer than `maximumLength`, as `1E400` is.
        case tooLong
    }

    /// Where a number lies relative to zero; found while reading it, so that range checks need no second look.
    public enum Sign: Sendable, Equatable {
        case negative, zero, positive
    }

    /// Reads a number as computers write it (JSON, CSV, feeds) and appends its canonical literal.
    ///
    /// Takes an optional sign, digits with an optional point on either side (`.5`, `5.`), and an optional exponent.
    /// The exponent only moves the point: `3.27e-9` becomes `0.00000000327`, `1.50e1` becomes `15.0`.
    /// Blanks, `NaN`, `Infinity` and hexadecimal are not numbers.
    ///
    /// - Parameters:
    ///   - text: the number and nothing else, ASCII.
    ///   - out: where the literal is appended; unchanged when this throws.
    /// - Returns: the sign of the value.
    /// - Throws: `Failure`.
    public static func appendCanonical(_ text: Span<UInt8>, to out: inout [UInt8]) throws(Failure) -> Sign {
        try text.withUnsafeBufferPointer { (bytes) throws(Failure) -> Sign in
            try appendCanonical(bytes, to: &out)
        }
    }

    static func appendCanonical(
        _ bytes: UnsafeBufferPointer<UInt8>,
        to out: inout [UInt8]
    ) throws(Failure) -> Sign {
        if let sign = signIfCanonical(bytes) {
            out.append(contentsOf: bytes)
            return sign
        }
        var parts = DecimalParts()
        guard !bytes.isEmpty, parts.read(bytes) == bytes.count else { throw .notANumber }
        return try parts.append(to: &out)
    }

    /// The sign of a text that already is a canonical literal, or nil when it is not one and has to be taken apart.
    ///
    /// Most numbers of most sources pass this one look and are then copied.
    static func signIfCanonical(_ bytes: UnsafeBufferPointer<UInt8>) -> Sign? {
        let count = bytes.count
        guard count > 0, count <= maximumLength else { return nil }
        var index = 0
        let negative = bytes[0] == ASCII.minus
        if negative { index = 1 }
        let first = index
        var nonZero: UInt8 = 0
        while index < count {
            let digit = ASCII.digit(bytes[index])
            if digit > 9 { break }
            nonZero |= digit
            index &+= 1
        }
        guard index > first, index == first &+ 1 || bytes[first] != ASCII.zero else { return nil }
        if index < count {
            guard bytes[index] == ASCII.period, index &+ 1 < count else { return nil }
            index &+= 1
            while index < count {
                let digit = ASCII.digit(bytes[index])
                guard digit <= 9 else { return nil }
                nonZero |= digit
                index &+= 1
            }
        }
        if nonZero == 0 { return negative ? nil : .zero }
        return negative ? .negative : .positive
    }
}
