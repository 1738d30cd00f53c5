import MarketData

/// Values that must not be seen in any log, error or record, and all the forms that they may turn up in.
package struct Secrets: Sendable, Equatable {
    /// Shorter ones would be found in ordinary text.
    package static let shortest = 4
    private static let mask = Array("***".utf8)

    /// The longest first, so that no part of one is left.
    private var forms: [[UInt8]] = []

    package init(_ values: [String] = []) {
        for value in values { add(value) }
    }

    package var isEmpty: Bool { forms.isEmpty }

    /// Takes a value of at least four bytes: as it is, percent-encoded, in base64, and as JSON and HTML write it.
    package mutating func add(_ value: String) {
        let bytes = Array(value.utf8)
        guard bytes.count >= Self.shortest else { return }
        var escaped: [UInt8] = []
        JSONText.appendEscaped(value, to: &escaped)
        let base64 = Base64.encode(bytes)
        var found = [
            bytes, PercentEncoding.encode(bytes), PercentEncoding.encode(bytes, uppercase: false), Array(escaped.dropFirst().dropLast()),
            Array(base64.utf8.prefix { $0 != UInt8(ascii: "=") }), Array(Base64.encode(bytes, urlSafe: true).utf8),
        ]
        // With escaped slashes, as PHP writes JSON.
        found.append(Array(String(decoding: found[3], as: UTF8.self).replacing("/", with: "\\/").utf8))
        var markup = value.replacing("&", with: "&amp;")
        for (mark, name) in [("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")] { markup = markup.replacing(mark, with: name) }
        found.append(Array(markup.utf8))
        // A form's encoding of a blank.
        found.append(Array(String(decoding: found[1], as: UTF8.self).replacing("%20", with: "+").utf8))
        forms = Self.sorted(forms + found)
    }

    private static func sorted(_ forms: [[UInt8]]) -> [[UInt8]] {
        Array(Set(forms)).sorted { $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count > $1.count }
    }

    /// Takes all that others hold.
    package mutating func add(_ others: Secrets) {
        forms = Self.sorted(forms + others.forms)
    }

    /// Takes user and password of a URL, together and apart, as written and decoded.
    package mutating func add(userInfoOf url: String) {
        guard let scheme = url.firstRange(of: "://") else { return }
        let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return }
        let userInfo = String(authority[..<at])
        add(userInfo)
        add(Self.percentDecoded(userInfo))
        guard let colon = userInfo.firstIndex(of: ":") else { return }
        let password = String(userInfo[userInfo.index(after: colon)...])
        add(password)
        add(Self.percentDecoded(password))
    }

    /// The text with `***` for each secret; also for the beginning of one at the end of the text or before an ellipsis, where texts are cut.
    package func redacted(_ text: String) -> String {
        if forms.isEmpty { return text }
        let bytes = Array(text.utf8)
        let result = redacted(bytes)
        return result == bytes ? text : String(decoding: result, as: UTF8.self)
    }

    /// As above, over UTF-8.
    package func redacted(_ bytes: [UInt8]) -> [UInt8] {
        if forms.isEmpty { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        bytes.withUnsafeBufferPointer { buffer in
            while index < buffer.count {
                if let length = secretLength(in: buffer, at: index) {
                    result.append(contentsOf: Self.mask)
                    index += length
                } else {
                    result.append(buffer[index])
                    index += 1
                }
            }
        }
        return result
    }

    /// Bytes of the secret that begins here; nil when none does.
    private func secretLength(in buffer: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
        let left = buffer.count - index
        for form in forms where form[0] == buffer[index] {
            var same = 1
            while same < form.count, same < left, form[same] == buffer[index + same] { same += 1 }
            if same == form.count { return same }
            guard same >= Self.shortest else { continue }
            let rest = UnsafeBufferPointer(rebasing: buffer[(index + same)...])
            if rest.isEmpty || rest.count == 1 && rest[0] == 0x0A || rest.starts(with: "…".utf8) { return same }
        }
        return nil
    }

    private static func percentDecoded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let value = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                result.append(value)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
