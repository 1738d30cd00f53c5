/// Percent-encoding (RFC 3986 section 2.1) of everything but the unreserved characters.
enum PercentEncoding {
    /// - Parameter uppercase: of the hexadecimal digits; the standard wants it, not all servers do it.
    static func encoded(_ bytes: some Sequence<UInt8>, uppercase: Bool = true) -> [UInt8] {
        let digits = Array((uppercase ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return result
    }
}
