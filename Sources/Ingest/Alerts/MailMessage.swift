import MarketData

/// A message as it goes over the wire (RFC 5322, RFC 2045), of plain text in UTF-8.
struct MailMessage {
    var sender: String
    var recipients: [String]
    var subject: String
    /// Lines ended by LF.
    var body: String
    var date: Timestamp
    /// Without angle brackets. The same alert has the same one, so that a mailbox knows what it has twice.
    var id: String
    /// The message that this one belongs to.
    var reference: String?

    /// Longest line of the body (RFC 2045 section 6.7).
    private static let longestLine = 76
    /// Bytes of text in one encoded word, of which 75 characters are one at most (RFC 2047 section 2).
    private static let bytesPerWord = 45

    var bytes: [UInt8] {
        var fields = [
            "From: kasparro <\(Self.clean(sender))>", "To: \(recipients.map(Self.clean).joined(separator: ",\r\n "))",
            "Subject: \(Self.words(subject))",
            "Date: \(Self.date(date))", "Message-ID: <\(Self.clean(id))>",
        ]
        if let reference { fields += ["In-Reply-To: <\(Self.clean(reference))>", "References: <\(Self.clean(reference))>"] }
        fields += [
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable",
            // No answer of an absent person (RFC 3834).
            "Auto-Submitted: auto-generated",
        ]
        return Array((fields.joined(separator: "\r\n") + "\r\n\r\n").utf8) + Self.quotedPrintable(body)
    }

    /// A line break in a field would begin another one.
    static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// A field's text: as it is, or in encoded words of base64 (RFC 2047).
    static func words(_ text: String) -> String {
        let text = clean(text)
        if text.utf8.allSatisfy({ $0 < 0x80 }), text.utf8.count < 900, !text.contains("=?") { return text }
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > bytesPerWord { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(Base64.encode($0))?=" }.joined(separator: "\r\n ")
    }

    /// `Thu, 01 Jan 2026 00:00:00 +0000` (RFC 5322 section 3.3).
    static func date(_ time: Timestamp) -> String {
        let moment = CivilDateTime(time)
        // 1970-01-01 was a Thursday.
        let weekday = ((moment.date.daysSinceEpoch + 3) % 7 + 7) % 7
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        let clock = [moment.hour, moment.minute, moment.second].map(two).joined(separator: ":")
        return "\(days[weekday]), \(two(moment.date.day)) \(months[moment.date.month - 1]) \(moment.date.year) \(clock) +0000"
    }

    /// RFC 2045 section 6.7.
    static func quotedPrintable(_ text: String) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var width = 0
            let bytes = Array(line.utf8)
            for (index, byte) in bytes.enumerated() {
                let isLast = index == bytes.count - 1
                let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=") || byte == 0x20 && !isLast
                let piece = isPlain ? [byte] : [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                if width + piece.count > longestLine - (isLast ? 0 : 1) {
                    result += Array("=\r\n".utf8)
                    width = 0
                }
                result += piece
                width += piece.count
            }
            result += [0x0D, 0x0A]
        }
        return result
    }
}
