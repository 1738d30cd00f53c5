/// Parts of a query parameter's name that make its value a secret.
private let secretNameParts = ["key", "token", "secret", "pass", "pwd", "auth", "sig", "credential", "session", "bearer", "cookie"]

/// The URL as it may be printed: user and password, and the values of query parameters with telling names, become `***`.
///
/// Works on text that is no URL too, since the text of a refused URL is printed: bytes outside printable ASCII become `_`, so that a URL
/// cannot add lines to a log, and the result is cut after 300 characters.
package func redacted(url: String) -> String {
    var text = String(decoding: url.utf8.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    if let fragment = text.firstIndex(of: "#") { text.removeSubrange(fragment...) }
    var query: Substring?
    if let mark = text.firstIndex(of: "?") {
        query = text[text.index(after: mark)...]
        text = String(text[..<mark])
    }
    text = withoutUserInfo(text)
    if let query {
        text += "?" + query.split(separator: "&", omittingEmptySubsequences: false).map(redacted(parameter:)).joined(separator: "&")
    }
    return text.utf8.count > 300 ? String(text.prefix(300)) + "…" : text
}

private func redacted(parameter: Substring) -> String {
    guard let equals = parameter.firstIndex(of: "=") else { return String(parameter) }
    let name = parameter[..<equals].lowercased()
    guard secretNameParts.contains(where: { name.contains($0) }) else { return String(parameter) }
    return parameter[...equals] + "***"
}

/// The user information of a URL lies between the scheme and the last `@` before the path (RFC 3986 section 3.2.1).
private func withoutUserInfo(_ text: String) -> String {
    var start = text.startIndex
    if let colon = text.firstIndex(of: ":") {
        let rest = text[colon...]
        if rest.hasPrefix("://") { start = text.index(colon, offsetBy: 3) }
    }
    let authority = text[start...].prefix { $0 != "/" && $0 != "\\" }
    guard let at = authority.lastIndex(of: "@") else { return text }
    return text[..<start] + "***" + text[at...]
}
