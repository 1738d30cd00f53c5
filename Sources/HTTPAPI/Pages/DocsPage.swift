import MarketData
import NIOCore

/// `/api-docs` as HTML: Swagger UI where it is in the binary, and for browsers without scripts, or without it, the routes as a plain list.
///
/// Both are made of the OpenAPI document, so neither knows a route that the other lacks.
enum DocsPage {
    /// - Parameters:
    ///   - document: the OpenAPI document.
    ///   - usesSwaggerUI: whether the binary has it.
    static func render(version: String, document: [UInt8], usesSwaggerUI: Bool = Asset.hasSwaggerUI) -> ByteBuffer {
        PageFrame.page(
            title: "kasparro API",
            styles: usesSwaggerUI ? [.swaggerUIStyle, .pageStyle, .docsStyle] : [.pageStyle, .docsStyle],
            scripts: usesSwaggerUI ? [.swaggerUIScript, .docsScript] : [],
            body: { writer in
                PageFrame.header(&writer, version: version, current: "/api-docs")
                if usesSwaggerUI {
                    writer.markup("<main id=\"swagger-ui\" data-url=\"/openapi.json\">\n<noscript>\n")
                    list(document, &writer)
                    writer.markup("</noscript>\n</main>\n<footer><p>Shown with Swagger UI, under the <a")
                    writer.attribute("href", Asset.swaggerUILicense.address)
                    writer.markup(">Apache License 2.0</a>. The document itself: <a href=\"/openapi.json\">openapi.json</a>.</p></footer>\n")
                } else {
                    writer.markup("<main>\n")
                    list(document, &writer)
                    writer.markup("</main>\n<footer><p>The document with every schema: <a href=\"/openapi.json\">openapi.json</a>.</p></footer>\n")
                }
            }
        )
    }

    private static func list(_ document: [UInt8], _ writer: inout HTMLWriter) {
        writer.markup("<h1>The routes of this API</h1>\n")
        guard let root = try? JSONDocument(parsing: document).root, let paths = root.member("paths") else { return }
        for (path, operations) in paths.members {
            for (method, operation) in operations.members {
                writer.markup("<article class=\"route\"><h2><span class=\"method\">")
                writer.text((method.string ?? "").uppercased())
                writer.markup("</span> ")
                writer.element("code", path.string ?? "")
                writer.markup("</h2>\n")
                writer.element("p", operation.member("summary")?.string ?? "")
                if let description = operation.member("description")?.string {
                    writer.element("p", class: "description") { prose(description, &$0) }
                }
                parameters(operation, root, &writer)
                writer.markup("</article>\n")
            }
        }
    }

    private static func parameters(_ operation: JSONValue, _ root: JSONValue, _ writer: inout HTMLWriter) {
        guard let parameters = operation.member("parameters"), parameters.count > 0 else { return }
        writer.markup("<dl class=\"parameters\">\n")
        for reference in parameters.elements {
            let name = reference.member("$ref")?.string?.split(separator: "/").last.map(String.init)
            let shared = name.flatMap { root.member("components")?.member("parameters")?.member($0) }
            let parameter = shared ?? reference
            writer.markup("<dt>")
            writer.element("code", parameter.member("name")?.string ?? "")
            writer.markup("</dt><dd>")
            prose(parameter.member("description")?.string ?? "", &writer)
            if let words = parameter.member("schema")?.member("enum")?.elements.compactMap(\.string), !words.isEmpty {
                writer.text(" One of \(words.joined(separator: ", ")).")
            }
            writer.markup("</dd>\n")
        }
        writer.markup("</dl>\n")
    }

    /// Text in which backquotes set off code.
    private static func prose(_ text: String, _ writer: inout HTMLWriter) {
        for (index, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
            if index.isMultiple(of: 2) { writer.text(String(part)) } else { writer.element("code", String(part)) }
        }
    }
}
