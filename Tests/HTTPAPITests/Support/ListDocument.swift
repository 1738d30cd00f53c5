// The properties of decoded answers have the names on the wire.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import HTTPTypes
import HummingbirdTesting
import Testing

/// A page of a list beside `/data`.
struct ListDocument<Element: Decodable>: Decodable {
    struct Pagination: Decodable {
        var limit: Int
        var has_more: Bool
        var next_cursor: String?
    }

    var request_id: String
    var run_id: String?
    var api_latency_ms: Int
    var data: [Element]
    var pagination: Pagination
}

extension TestServer {
    /// One page, whose header fields are compared with its body.
    func page<Element: Decodable>(_ uri: String, of type: Element.Type = Element.self) async throws -> ListDocument<Element> {
        let response = try await ask(uri)
        #expect(response.status == .ok, "\(uri): \(response.text)")
        let page = try response.decode(ListDocument<Element>.self)
        #expect(response.header("X-Next-Cursor") == page.pagination.next_cursor)
        #expect((page.pagination.next_cursor != nil) == page.pagination.has_more)
        let path = uri.split(separator: "?").first ?? ""
        let link = page.pagination.next_cursor.map { "<\(path)?limit=\(page.pagination.limit)&cursor=\($0)>; rel=\"next\"" }
        #expect(response.header("Link") == link)
        return page
    }

    /// All pages of a list; `between` runs after each.
    func walk<Element: Decodable>(
        _ uri: String,
        limit: Int,
        of type: Element.Type = Element.self,
        between: () -> Void = {}
    ) async throws -> [[Element]] {
        let path = uri.split(separator: "?").first ?? ""
        var page = try await page(uri + (uri.contains("?") ? "&" : "?") + "limit=\(limit)", of: type)
        var pages = [page.data]
        while let next = page.pagination.next_cursor {
            between()
            page = try await self.page("\(path)?limit=\(limit)&cursor=\(next)", of: type)
            pages.append(page.data)
        }
        return pages
    }
}

extension TestResponse {
    /// The text of the body between `request_id` and `api_latency_ms`, which differ from answer to answer.
    var members: String {
        guard let first = text.firstIndex(of: ","), let last = text.firstRange(of: ",\"api_latency_ms\"") else { return text }
        return String(text[text.index(after: first)..<last.lowerBound])
    }
}
