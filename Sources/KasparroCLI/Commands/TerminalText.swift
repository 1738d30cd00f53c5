/// Bytes of strangers as a terminal can show them without obeying them.
enum TerminalText {
    /// In one line: line ends and tabs as escapes too.
    static func line(_ bytes: [UInt8]) -> String { text(bytes[...], tab: "\\t") }

    /// Line by line as the bytes have them, each behind an indentation.
    static func lines(_ bytes: [UInt8], indentation: String) -> String {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            // Most line ends of two bytes are just that.
            indentation + text(line.last == UInt8(ascii: "\r") ? line.dropLast() : line, tab: "\t")
        }.joined(separator: "\n")
    }

    private static func text(_ bytes: ArraySlice<UInt8>, tab: String) -> String {
        var text = ""
        var iterator = bytes.makeIterator()
        var decoder = Unicode.UTF8.ForwardParser()
        while true {
            switch decoder.parseScalar(from: &iterator) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                append(scalar, tab: tab, to: &text)
            case .error: text += "\u{FFFD}"
            case .emptyInput: return text
            }
        }
    }

    private static func append(_ scalar: Unicode.Scalar, tab: String, to text: inout String) {
        switch scalar {
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += tab
        default:
            switch scalar.properties.generalCategory {
            // Controls, among them what begins a command to the terminal; and marks that change the order or hide.
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
