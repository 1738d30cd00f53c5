/// Makes a text fit for the log before it is escaped: takes secrets out, and cuts what is too long.
struct LogScrubber: Sendable {
    /// Bytes of a message or a value that are written at most.
    static let longest = 4 * 1024

    /// Takes out of a text what nobody may see; nil: nothing is secret.
    var redaction: (@Sendable ([UInt8]) -> [UInt8])?

    /// The text without secrets, and with a note where it was cut. Secrets go first: half of one would not be found.
    func clean(_ text: String) -> String {
        var text = text
        if let redaction { text = String(decoding: redaction(Array(text.utf8)), as: UTF8.self) }
        let count = text.utf8.count
        guard count > Self.longest else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: Self.longest)
        // Not in the middle of a character.
        while text.utf8[end] & 0xC0 == 0x80 { text.utf8.formIndex(before: &end) }
        return text[..<end] + "… (cut: \(count) bytes in all)"
    }
}
