/// Writes HTML in which data can only be text.
///
/// Markup is `StaticString`: it stands in the source code, so nothing that was loaded, configured or asked for can become an element. Coins get
/// their names from strangers.
struct HTMLWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    /// Markup, as it is.
    mutating func markup(_ html: StaticString) {
        html.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Text, escaped for the places between tags and inside quoted attributes. Control characters become U+FFFD: HTML has none of them.
    mutating func text(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): bytes.append(contentsOf: "&#39;".utf8)
            case UInt8(ascii: "\n"), UInt8(ascii: "\t"): bytes.append(byte)
            case 0..<0x20, 0x7F: bytes.append(contentsOf: "\u{FFFD}".utf8)
            default: bytes.append(byte)
            }
        }
    }

    /// One attribute, with the blank before it.
    mutating func attribute(_ name: StaticString, _ value: String) {
        markup(" ")
        markup(name)
        markup("=\"")
        text(value)
        markup("\"")
    }

    /// An element with text in it.
    mutating func element(_ name: StaticString, class className: StaticString? = nil, _ content: String) {
        open(name, class: className)
        text(content)
        close(name)
    }

    /// An element with more in it.
    mutating func element(_ name: StaticString, class className: StaticString? = nil, _ content: (inout HTMLWriter) -> Void) {
        open(name, class: className)
        content(&self)
        close(name)
    }

    /// A link; the address is percent-encoded by whoever made it.
    mutating func link(_ address: String, class className: StaticString? = nil, _ content: String) {
        markup("<a")
        if let className { attribute("class", "\(className)") }
        attribute("href", address)
        markup(">")
        text(content)
        markup("</a>")
    }

    private mutating func open(_ name: StaticString, class className: StaticString?) {
        markup("<")
        markup(name)
        if let className {
            markup(" class=\"")
            markup(className)
            markup("\"")
        }
        markup(">")
    }

    private mutating func close(_ name: StaticString) {
        markup("</")
        markup(name)
        markup(">")
    }
}
