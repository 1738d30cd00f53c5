/// One label combination, rendered once when its series is created: `source="csv",type="parse"`, without braces.
///
/// Labels are sorted by name and their values escaped, so two callers that give the same labels in another order share
/// one series, and a scrape only copies bytes.
struct LabelSet: Hashable {
    /// The rendered pairs.
    let bytes: [UInt8]
    /// Whether a label name had to be changed or dropped to be legal.
    let wasSanitised: Bool

    /// - Parameter dimensions: name and value pairs; of two that share a name the first one stays.
    init(_ dimensions: [(String, String)]) {
        var sanitised = false
        var pairs: [(name: String, value: String)] = []
        pairs.reserveCapacity(dimensions.count)
        for (name, value) in dimensions {
            let legal = MetricName.label(name)
            if legal != name { sanitised = true }
            if pairs.contains(where: { $0.name == legal }) {
                sanitised = true
            } else {
                pairs.append((legal, value))
            }
        }
        pairs.sort { $0.name < $1.name }
        var bytes: [UInt8] = []
        for (name, value) in pairs {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: name.utf8)
            bytes.append(contentsOf: "=\"".utf8)
            Self.appendEscaped(value, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
        self.bytes = bytes
        self.wasSanitised = sanitised
    }

    static func == (left: LabelSet, right: LabelSet) -> Bool { left.bytes == right.bytes }
    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    /// Label values escape backslash, quote and newline, and nothing else.
    private static func appendEscaped(_ value: String, to bytes: inout [UInt8]) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            default: bytes.append(byte)
            }
        }
    }
}
