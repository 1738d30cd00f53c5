/// Text made safe for one line of a log.
///
/// What a message contains may come from a stranger (a URL, a file name, an upstream's error), so nothing in it may end
/// the line, steer a terminal or change the order in which a line is read: controls, line separators and the invisible characters that set the
/// direction of writing or join and tag others (general categories Cc, Cf, Zl, Zp) are written as escapes.
enum LogText {
    /// Appends a JSON string with its quotes.
    static func appendJSON(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes.append(contentsOf: "\\\"".utf8)
            case "\\": bytes.append(contentsOf: "\\\\".utf8)
            case "\n": bytes.append(contentsOf: "\\n".utf8)
            case "\r": bytes.append(contentsOf: "\\r".utf8)
            case "\t": bytes.append(contentsOf: "\\t".utf8)
            default:
                if isUnsafe(scalar) { appendEscape(scalar, to: &bytes) } else { bytes.append(contentsOf: scalar.utf8) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends plain text; only what is unsafe is escaped.
    static func appendPlain(_ text: String, to bytes: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": bytes.append(contentsOf: "\\n".utf8)
            case "\r": bytes.append(contentsOf: "\\r".utf8)
            case "\t": bytes.append(contentsOf: "\\t".utf8)
            default:
                if isUnsafe(scalar) { appendEscape(scalar, to: &bytes) } else { bytes.append(contentsOf: scalar.utf8) }
            }
        }
    }

    /// Appends a `key=value` value: quoted when it is empty or holds a blank, a quote or an equals sign.
    static func appendValue(_ text: String, to bytes: inout [UInt8]) {
        let needsQuotes =
            text.isEmpty
            || text.unicodeScalars.contains {
                $0 == " " || $0 == "\"" || $0 == "=" || $0 == "\\" || isUnsafe($0)
            }
        if needsQuotes { appendJSON(text, to: &bytes) } else { bytes.append(contentsOf: text.utf8) }
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: true
        default: false
        }
    }

    /// `\u001b`; two of them for what is beyond U+FFFF, as JSON has it.
    private static func appendEscape(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        for unit in UTF16.encode(scalar)! {
            bytes.append(contentsOf: "\\u".utf8)
            for shift in [12, 8, 4, 0] as [UInt16] {
                let digit = UInt8(truncatingIfNeeded: unit >> shift & 0xF)
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }
}
