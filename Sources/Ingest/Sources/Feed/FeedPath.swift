/// Where a value of a feed is, seen from a record: `title`, `content/m:properties/d:PRICE`, `link@href`, `@rate`, `../@time`, `../../title`.
///
/// Names are written as the document writes them, with its prefixes: a path says what one sees in the feed. `.` is the record's own text.
package struct FeedPath: Sendable, Equatable, CustomStringConvertible {
    /// How many elements up from the record the path begins: 0 for the record itself.
    package let ancestors: Int
    package let elements: [String]
    package let attribute: String?

    /// A text that is no path, and why.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads a path to a value.
    package init(_ text: String) throws(Failure) {
        var path = text
        var attribute: String?
        if let at = path.firstIndex(of: "@") {
            let name = String(path[path.index(after: at)...])
            guard Self.isName(name) else { throw Failure(description: "'\(text)': behind '@' goes one attribute name, at the end") }
            attribute = name
            path = String(path[..<at])
            if path.hasSuffix("/") { path.removeLast() }
        }
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts == [""], attribute != nil { parts = ["."] }
        if parts.first == "." { parts.removeFirst() }
        let ancestors = parts.prefix { $0 == ".." }.count
        let elements = Array(parts.dropFirst(ancestors))
        guard elements.allSatisfy(Self.isName) else {
            throw Failure(description: "'\(text)' is no path; write one like 'title', 'link@href', '@rate', 'content/price' or '../@time'")
        }
        self.ancestors = ancestors
        self.elements = elements
        self.attribute = attribute
    }

    /// Reads the path of a feed's records: element names from the root on, such as `feed/entry`.
    package static func records(_ text: String) throws(Failure) -> [String] {
        let parts = (text.hasPrefix("/") ? text.dropFirst() : text[...]).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy(isName) else {
            throw Failure(description: "'\(text)' is no path of records; write the element names from the root to a record, like 'feed/entry'")
        }
        return parts
    }

    /// The path in its shortest form: the name that the value has in the raw record.
    package var description: String {
        let steps = Array(repeating: "..", count: ancestors) + elements
        let path = steps.isEmpty && attribute == nil ? "." : steps.joined(separator: "/")
        guard let attribute else { return path }
        return elements.isEmpty && ancestors > 0 ? "\(path)/@\(attribute)" : "\(path)@\(attribute)"
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".." && text.utf8.count <= SAXParser.maximumNameBytes
            && text.unicodeScalars.allSatisfy { $0.value > 0x20 && !"@#/<>&\"'=".unicodeScalars.contains($0) }
    }
}
