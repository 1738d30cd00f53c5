/// A list in one text: elements with commas between them. `\,` is a comma within an element; a backslash before anything else is itself.
///
/// Whether a comma came percent-encoded says nothing of what it means: forms, `URLSearchParams` and most clients encode those between elements, too.
enum CommaList {
    /// The elements without the blanks around them; empty ones are left out.
    static func elements(of text: String) -> [String] {
        var elements: [String] = []
        var element = Substring()
        var isEscaped = false
        func close() {
            while element.last == " " { element.removeLast() }
            if !element.isEmpty { elements.append(String(element)) }
            element = ""
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "," where isEscaped: element.unicodeScalars.removeLast(); element.unicodeScalars.append(scalar)
            case ",": close()
            case " " where element.isEmpty: break
            default: element.unicodeScalars.append(scalar)
            }
            isEscaped = scalar == "\\"
        }
        close()
        return elements
    }

    /// A text as the only element, or one of several.
    static func element(_ text: String) -> String { text.replacing(",", with: "\\,") }
}
