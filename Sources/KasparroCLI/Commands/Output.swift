import MarketData

// What several commands print with.

/// A JSON object as text.
func jsonText(_ members: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    writer.beginObject()
    members(&writer)
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self)
}

extension JSONWriter {
    /// Copies the members of an object, but for those named, into one that is open.
    mutating func members(of value: JSONValue, but left: Set<String>) {
        for (key, value) in value.members {
            guard let key = key.string, !left.contains(key) else { continue }
            rawMember(key, value.rawBytes)
        }
    }
}

extension JSONValue {
    /// The value's own text.
    var rawBytes: [UInt8] { Array(document.bytes[raw]) }
}

/// `1234567` → `1.2 MiB`; below 1 KiB whole bytes.
func sizeText(_ bytes: Int) -> String {
    if bytes < 1024 { return count(bytes, "byte") }
    var rest = bytes
    for unit in ["KiB", "MiB", "GiB", "TiB"] {
        // Rounded to a tenth of the unit.
        let rounded = (rest * 10 + 512) / 1024
        if rounded < 10_240 || unit == "TiB" { return "\(rounded / 10).\(rounded % 10) \(unit)" }
        rest /= 1024
    }
    return count(bytes, "byte")
}

/// `1 row`, `2 rows`.
func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
