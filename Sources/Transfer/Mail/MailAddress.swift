/// Addresses of mail as they are written in settings.
package enum MailAddress {
    /// Whether a text is an address that can be sent as it is (RFC 5321 section 4.1.2, without quotes): `local@domain` in printable ASCII.
    package static func isUsable(_ text: String) -> Bool {
        guard text.utf8.count <= 254, let at = text.lastIndex(of: "@") else { return false }
        let local = text[..<at]
        let domain = text[text.index(after: at)...]
        guard !local.isEmpty, !domain.isEmpty, !local.contains("@") else { return false }
        return text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"<>()[]\\,;:\"".utf8.contains($0) }
    }
}
