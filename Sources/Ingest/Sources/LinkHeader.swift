/// Reads `Link` header fields (RFC 8288 section 3).
enum LinkHeader {
    /// The target of the first link with this relation, as it is written, or nil.
    ///
    /// A link with an `anchor` is about another resource than the answer and does not count. What cannot be read ends its field.
    static func target(of relation: String, in fields: [String]) -> String? {
        for field in fields {
            var reader = Reader(bytes: Array(field.utf8))
            while let link = reader.next() {
                let relations = (link.relation ?? "").split { $0 == " " || $0 == "\t" }
                if !link.hasAnchor, relations.contains(where: { $0.lowercased() == relation }) { return link.target }
            }
        }
        return nil
    }

    private struct Link {
        var target: String
        /// The tokens of the first `rel`, separated by blanks; later ones do not count.
        var relation: String?
        var hasAnchor = false
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        mutating func next() -> Link? {
            skip { $0 == UInt8(ascii: ",") || $0 == 0x20 || $0 == 0x09 }
            guard take(UInt8(ascii: "<")) else { return nil }
            let target = text { $0 != UInt8(ascii: ">") }
            guard take(UInt8(ascii: ">")) else { return nil }
            var link = Link(target: target)
            skipBlanks()
            while take(UInt8(ascii: ";")) {
                skipBlanks()
                let name = text { ![UInt8(ascii: "="), UInt8(ascii: ";"), UInt8(ascii: ","), 0x20, 0x09].contains($0) }.lowercased()
                skipBlanks()
                let value = take(UInt8(ascii: "=")) ? value() : ""
                if name == "rel", link.relation == nil { link.relation = value }
                if name == "anchor" { link.hasAnchor = true }
                skipBlanks()
            }
            return link
        }

        private mutating func value() -> String {
            skipBlanks()
            guard take(UInt8(ascii: "\"")) else { return text { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") } }
            var value: [UInt8] = []
            while index < bytes.count, !take(UInt8(ascii: "\"")) {
                _ = take(UInt8(ascii: "\\"))
                if index < bytes.count { value.append(bytes[index]) }
                index += 1
            }
            return String(decoding: value, as: UTF8.self)
        }

        private mutating func text(_ belongs: (UInt8) -> Bool) -> String {
            let start = index
            skip(belongs)
            return String(decoding: bytes[start..<index], as: UTF8.self)
        }

        private mutating func skipBlanks() { skip { $0 == 0x20 || $0 == 0x09 } }

        private mutating func skip(_ belongs: (UInt8) -> Bool) {
            while index < bytes.count, belongs(bytes[index]) { index += 1 }
        }

        private mutating func take(_ byte: UInt8) -> Bool {
            guard index < bytes.count, bytes[index] == byte else { return false }
            index += 1
            return true
        }
    }
}
