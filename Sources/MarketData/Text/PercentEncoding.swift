/// Percent-encoding (RFC 3986 section 2.1): all but the unreserved characters is encoded, and it is read strictly.
public enum PercentEncoding {
    public enum Failure: Error {
        /// A `%` without two hexadecimal digits after it, or bytes that are not UTF-8.
        case malformed
        /// A control character; nothing that is stored holds one, and in a log or a terminal it does harm.
        case controlCharacter

        /// The end of a sentence about the text, and what to do.
        public var inWords: String {
            switch self {
            case .malformed: "is not valid percent-encoded UTF-8. Write a literal `%` as `%25`."
            case .controlCharacter: "holds a control character (`%00` to `%1F` or `%7F`), which nothing here may."
            }
        }
    }

    /// Text as a segment of a path or a value of a query.
    public static func encode(_ text: String) -> String { String(decoding: encode(text.utf8), as: UTF8.self) }

    /// - Parameter uppercase: of the hexadecimal digits; the standard wants it, not all servers do it.
    public static func encode(_ bytes: some Sequence<UInt8>, uppercase: Bool = true) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default:
                let digits = [Hexadecimal.digit(byte >> 4), Hexadecimal.digit(byte & 0x0F)]
                result.append(UInt8(ascii: "%"))
                result += uppercase ? digits.map(ASCII.uppercased) : digits
            }
        }
        return result
    }

    /// The decoded text. `+` stays a plus sign: only HTML forms use it for a blank, and time offsets contain it.
    public static func decode(_ text: some StringProtocol) throws(Failure) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            var decoded = byte
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next().flatMap(Hexadecimal.value), let low = iterator.next().flatMap(Hexadecimal.value) else {
                    throw .malformed
                }
                decoded = high << 4 | low
            }
            if decoded < 0x20 || decoded == 0x7F { throw .controlCharacter }
            bytes.append(decoded)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        return decoded
    }
}
