/// A list of preferences: `Accept`, `Accept-Encoding` (RFC 9110 sections 12.4.2, 12.5.1, 12.5.3).
struct AcceptedValues: Sendable {
    /// Lower case; quality in thousandths.
    private let entries: [(value: Substring, quality: Int)]

    /// - Parameter fields: the lines of the field. An element that cannot be read is left out.
    init(_ fields: [String]) {
        entries = fields.flatMap { field in
            field.lowercased().split(separator: ",").compactMap { element in
                let parts = element.split(separator: ";").map { Self.trimmed($0) }
                guard let value = parts.first, !value.isEmpty else { return nil }
                let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
                guard let quality = weight.map(Self.thousandths) ?? 1000 else { return nil }
                return (value, quality)
            }
        }
    }

    /// Whether a content coding may be used. Without the field no client has said that it can decode anything.
    func accept(_ coding: String) -> Bool {
        let entry = entries.first { $0.value == coding } ?? entries.first { $0.value == "*" }
        return (entry?.quality ?? 0) > 0
    }

    /// How much a media type is wanted, from 0 to 1000, by the most specific entry that fits; nil when nothing was said at all.
    func quality(ofType type: String, subtype: String) -> Int? {
        if entries.isEmpty { return nil }
        for range in ["\(type)/\(subtype)", "\(type)/*", "*/*"] {
            if let entry = entries.first(where: { $0.value == range }) { return entry.quality }
        }
        return 0
    }

    /// `0.8` is 800.
    private static func thousandths(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = Int(parts[0]), (0...1).contains(whole) else { return nil }
        guard parts.count == 2, !parts[1].isEmpty else { return whole * 1000 }
        guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let digits = String(parts[1]) + String(repeating: "0", count: 3 - parts[1].utf8.count)
        return min(1000, whole * 1000 + (Int(digits) ?? 0))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
