import HTTPTypes
import Hummingbird
import NIOCore

/// What all HTML pages have in common: head, header, footer, and the fields that keep other people's code out.
enum PageFrame {
    /// Only files of this server, no script and no style in the page itself, no frame around it.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// A whole page.
    ///
    /// - Parameters:
    ///   - assets: style sheets, then scripts, beside the common style.
    ///   - head: what else stands in the head.
    ///   - body: from `<body>` to its end.
    static func page(
        title: String,
        styles: [Asset],
        scripts: [Asset],
        head: (inout HTMLWriter) -> Void = { _ in },
        body: (inout HTMLWriter) -> Void
    ) -> ByteBuffer {
        var writer = HTMLWriter()
        writer.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        writer.markup(
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
        )
        writer.element("title", title)
        writer.markup("\n<link rel=\"icon\" type=\"image/svg+xml\"")
        writer.attribute("href", Asset.icon.address)
        writer.markup(">\n")
        for style in styles {
            writer.markup("<link rel=\"stylesheet\"")
            writer.attribute("href", style.address)
            writer.markup(">\n")
        }
        for script in scripts {
            writer.markup("<script defer")
            writer.attribute("src", script.address)
            writer.markup("></script>\n")
        }
        head(&writer)
        writer.markup("</head>\n<body>\n")
        body(&writer)
        writer.markup("</body>\n</html>\n")
        return ByteBuffer(bytes: writer.bytes)
    }

    /// The bar at the top.
    static func header(_ writer: inout HTMLWriter, version: String, current: StaticString) {
        writer.markup("<header class=\"top\"><div class=\"bar\">")
        writer.markup("<a class=\"brand\" href=\"/\"><img alt=\"\" width=\"28\" height=\"28\"")
        writer.attribute("src", Asset.icon.address)
        writer.markup("><span>kasparro</span></a>")
        writer.element("span", class: "version", version)
        writer.markup("<nav aria-label=\"Pages\">")
        let pages: [(StaticString, StaticString)] = [
            ("/", "Status"), ("/api-docs", "API"), ("/data", "Data"), ("/runs", "Runs"), ("/metrics", "Metrics"),
        ]
        for (path, name) in pages {
            writer.markup("<a href=\"")
            writer.markup(path)
            writer.markup("\"")
            if isSame(path, current) { writer.markup(" aria-current=\"page\"") }
            writer.markup(">")
            writer.markup(name)
            writer.markup("</a>")
        }
        writer.markup("</nav></div></header>\n")
    }

    /// The answer with a page in it.
    static func response(_ page: ByteBuffer, headers: HTTPFields = [:]) -> Response {
        var fields = headers
        fields[.contentType] = "text/html; charset=utf-8"
        fields[.contentSecurityPolicy] = policy
        fields[.referrerPolicy] = "no-referrer"
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: page))
    }

    private static func isSame(_ a: StaticString, _ b: StaticString) -> Bool { "\(a)" == "\(b)" }
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
