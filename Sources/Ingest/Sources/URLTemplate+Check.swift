// What is looked at before any request is made.

extension URLTemplate {
    /// Why a text is no template.
    enum Fault: Error, Equatable {
        case unknown(String)
        case strayBrace
    }

    /// The placeholders in the order of the text.
    static func placeholders(_ text: String) throws(Fault) -> [Placeholder] {
        var found: [Placeholder] = []
        var rest = text[...]
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[brace] == "{", let end = rest[brace...].firstIndex(of: "}") else { throw .strayBrace }
            let name = String(rest[rest.index(after: brace)..<end])
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 < 0x80 && $0 > 0x20 && $0 != UInt8(ascii: "{") }) else { throw .strayBrace }
            guard let placeholder = Placeholder(rawValue: name) else { throw .unknown(name) }
            found.append(placeholder)
            rest = rest[rest.index(after: end)...]
        }
        return found
    }

    /// The URL with a value in the place of each placeholder.
    static func filled(_ text: String) -> String {
        Placeholder.allCases.reduce(text) { $0.replacing("{\($1.rawValue)}", with: "1") }
    }

    /// What stands between the scheme and the path (RFC 3986 section 3.2).
    static func authority(of text: String) -> Substring {
        guard let scheme = text.firstRange(of: "://") else { return text.prefix { $0 != "/" && $0 != "?" } }
        return text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != "\\" }
    }

    /// The names of the query's parameters.
    static func parameterNames(of text: String) -> [String] {
        guard let mark = text.firstIndex(of: "?") else { return [] }
        return text[text.index(after: mark)...].prefix { $0 != "#" }.split(separator: "&").map { String($0.prefix { $0 != "=" }) }
    }
}
