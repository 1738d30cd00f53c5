/// A link that an answer named, taken as a URL to ask next.
package enum WebLink {
    /// Why a link is not followed; the words are fit for an operator, secrets are masked.
    package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// The absolute URL that a link stands for.
    ///
    /// - Parameters:
    ///   - link: absolute or relative (RFC 3986 section 5), as an answer wrote it.
    ///   - base: the URL that answered.
    ///   - first: the URL whose scheme, host and port the link must have (RFC 6454 section 4).
    /// - Throws: when it is no http or https URL, or leads to another origin. Nothing is sent.
    package static func resolve(_ link: String, against base: String, onOriginOf first: String) throws(Refusal) -> String {
        do throws(WebAddress.Problem) {
            let target = try WebAddress(location: link, from: WebAddress(base))
            let origin = try WebAddress(first)
            guard target.hasSameOrigin(as: origin) else {
                throw WebAddress.Problem.malformed(
                    reason: "it leads to \(target.scheme)://\(target.endpoint), and only \(origin.scheme)://\(origin.endpoint) is asked"
                )
            }
            return target.url
        } catch {
            switch error {
            case .malformed(let reason): throw Refusal(description: reason)
            case .unsupportedScheme(let scheme): throw Refusal(description: "it has the scheme \(redacted(url: scheme)), not http or https")
            }
        }
    }
}
