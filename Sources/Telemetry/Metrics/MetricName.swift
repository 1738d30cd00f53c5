/// The character rules of Prometheus names (text exposition format 0.0.4).
///
/// A name that breaks them would make the whole scrape unreadable, so every name is made legal on its way in
/// instead of trusting the caller.
enum MetricName {
    /// A legal metric name: `[a-zA-Z_:][a-zA-Z0-9_:]*`; other characters become `_`, an empty name becomes `_`.
    static func metric(_ name: String) -> String {
        legal(name, colonAllowed: true)
    }

    /// A legal label name: `[a-zA-Z_][a-zA-Z0-9_]*`. Names starting with `__` are reserved by Prometheus, and `le` by
    /// histograms, so the first keeps one underscore and the second becomes `le_`.
    static func label(_ name: String) -> String {
        var result = legal(name, colonAllowed: false)
        while result.hasPrefix("__") { result.removeFirst() }
        return result == "le" ? "le_" : result
    }

    private static func legal(_ name: String, colonAllowed: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count)
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                bytes.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
                bytes.append(byte)
            case UInt8(ascii: ":") where colonAllowed:
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "_"))
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}
