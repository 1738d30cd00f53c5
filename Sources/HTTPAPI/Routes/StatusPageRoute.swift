import HTTPTypes
import Hummingbird
import MarketData
import NIOCore
import TickerStore

/// `GET /`: the status page, or the list of routes for whoever prefers plain text.
enum StatusPageRoute {
    /// - Parameters:
    ///   - routes: those of the list.
    ///   - now: the clock.
    static func endpoint(
        _ context: APIContext,
        routes: [Endpoint],
        now: @escaping @Sendable () -> Timestamp = { Timestamp(milliseconds: currentMilliseconds()) }
    ) -> Endpoint {
        let list = ByteBuffer(string: list(version: context.version, routes: routes))
        let prices = NewestPrices()
        return Endpoint(.get, "/", parameters: nil, summary: "the status page; this list with Accept: text/plain") { request in
            let accept = AcceptedValues(request.request.headers[values: .accept])
            let headers: HTTPFields = [.vary: "Accept"]
            // Equal wishes, as of `*/*`, get the page.
            let page = accept.quality(ofType: "text", subtype: "html") ?? 1_000
            if let plain = accept.quality(ofType: "text", subtype: "plain"), plain > page {
                var fields = headers
                fields[.contentType] = "text/plain; charset=utf-8"
                return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: list))
            }
            let address = address(request.request.head.authority)
            let body = try await request.read {
                StatusPage(report: StatusReport.read(context, prices: prices, now: now(), address: address)).render()
            }
            return PageFrame.response(body, headers: headers)
        }
    }

    /// What the client called this server, for the command lines on the page; a default where that is nothing a host may be called.
    static func address(_ authority: String?) -> String {
        guard let authority, (1...255).contains(authority.utf8.count),
            authority.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"):
                    true
                default: false
                }
            })
        else { return "localhost:8080" }
        return authority
    }

    private static func list(version: String, routes: [Endpoint]) -> String {
        let listed = routes.compactMap { route in route.summary.map { (route, $0) } }
        let width = listed.map(\.0.template.utf8.count).max() ?? 0
        var text = "kasparro \(version): crypto market data\n\n"
        for (route, summary) in listed {
            let method = route.method.rawValue
            text += method + String(repeating: " ", count: max(1, 5 - method.utf8.count))
            text += route.template + String(repeating: " ", count: width - route.template.utf8.count + 2)
            text += summary + "\n"
        }
        return text
    }
}
