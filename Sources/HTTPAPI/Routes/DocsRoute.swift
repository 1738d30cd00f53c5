import HTTPTypes
import Hummingbird

/// `GET /api-docs`: the documentation for people. It is the same for all, so it is made once.
enum DocsRoute {
    static func endpoint(version: String) -> Endpoint {
        let page = MadeOnce { DocsPage.render(version: version, document: OpenAPIRoute.document(version: version)) }
        return Endpoint(.get, "/api-docs", parameters: nil, summary: "this API to read and try out, in a browser") { _ in
            PageFrame.response(page.value)
        }
    }
}
