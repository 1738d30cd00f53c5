import Hummingbird

/// `GET /`: the list of routes, for someone with a terminal.
enum IndexRoute {
    static func endpoint(version: String, routes: [Endpoint]) -> Endpoint {
        let width = routes.map(\.template.utf8.count).max() ?? 0
        var text = "kasparro \(version): crypto market data\n\n"
        for route in routes {
            let method = route.method.rawValue
            text += method + String(repeating: " ", count: max(1, 5 - method.utf8.count))
            text += route.template + String(repeating: " ", count: width - route.template.utf8.count + 2)
            text += route.summary + "\n"
        }
        let body = ByteBuffer(string: text)
        return Endpoint(.get, "/", parameters: nil, summary: "this list") { _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: ResponseBody(byteBuffer: body)
            )
        }
    }
}
