import MarketData

/// A source's URL with placeholders, and what a request is made of it (spec section 2).
///
/// What the operator wrote in the URL stays as it is. Values, and names and values of `Upstream.query`, are percent-encoded but for the
/// unreserved characters of RFC 3986. A query parameter with a placeholder that has no value is left out.
struct URLTemplate {
    enum Placeholder: String, CaseIterable {
        case page, limit, offset, cursor, since
    }

    let url: String
    let query: [NamedText]

    init(_ upstream: Upstream) {
        url = upstream.url
        query = upstream.query
    }

    /// Whether a request depends on this value.
    func uses(_ placeholder: Placeholder) -> Bool {
        let text = "{\(placeholder.rawValue)}"
        return url.contains(text) || query.contains { $0.value.contains(text) }
    }

    /// The URL of a request, absolute and percent-encoded where this type wrote it; a fragment is left out.
    func expand(_ values: [Placeholder: String]) -> String {
        let whole = url.prefix { $0 != "#" }
        let (host, rest) = Self.split(whole)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var result = host + Self.expand(parts[0], values, literal: { String($0) }, missing: "")!
        var parameters: [String] = []
        if parts.count > 1, !parts[1].isEmpty {
            parameters = parts[1].split(separator: "&", omittingEmptySubsequences: false)
                .compactMap { Self.expand($0, values, literal: { String($0) }, missing: nil) }
        }
        for parameter in query {
            guard let value = Self.expand(parameter.value[...], values, literal: Self.percentEncoded, missing: nil) else { continue }
            parameters.append(Self.percentEncoded(parameter.name[...]) + "=" + value)
        }
        // An operator who ended the URL with `?` or `&` meant what comes behind it.
        if parameters.count > 1, let empty = parameters.firstIndex(of: ""), empty < parameters.count - 1 { parameters.remove(at: empty) }
        if !parameters.isEmpty { result += "?" + parameters.joined(separator: "&") }
        return result
    }

    /// Scheme and authority, and what is behind them.
    private static func split(_ url: Substring) -> (String, Substring) {
        var start = url.startIndex
        if let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") { start = url.index(colon, offsetBy: 3) }
        let end = url[start...].firstIndex { $0 == "/" || $0 == "?" } ?? url.endIndex
        return (String(url[..<end]), url[end...])
    }

    /// The text with its placeholders replaced; `missing` stands for those without a value, and nil for the whole text then.
    private static func expand(
        _ text: Substring,
        _ values: [Placeholder: String],
        literal: (Substring) -> String,
        missing: String?
    ) -> String? {
        var result = ""
        var rest = text
        while let open = rest.firstIndex(of: "{") {
            let inside = rest[rest.index(after: open)...]
            guard let close = inside.firstIndex(of: "}"), let placeholder = Placeholder(rawValue: String(inside[..<close])) else {
                result += literal(rest[...open])
                rest = inside
                continue
            }
            result += literal(rest[..<open])
            if let value = values[placeholder] {
                result += percentEncoded(value[...])
            } else if let missing {
                result += missing
            } else {
                return nil
            }
            rest = inside[inside.index(after: close)...]
        }
        return result + literal(rest)
    }

    private static func percentEncoded(_ text: Substring) -> String { PercentEncoding.encode(String(text)) }
}
