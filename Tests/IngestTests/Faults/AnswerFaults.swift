import TestSupport

@testable import Ingest

/// Status codes, redirects and what stands in for a page. The clock of the tests stands at 2026-01-01T00:00:00Z when a run begins.
let answerFaults: [Fault] = [
    Fault("429 with Retry-After in seconds", stored: 2, requests: 2) { _ in
        [.answer("429 Too Many Requests", ["Retry-After: 7"], body: "{}"), .answer(body: Coins.good)]
    },
    Fault("429 with Retry-After as a date", stored: 2, requests: 2) { _ in
        [.answer("429 Too Many Requests", ["Retry-After: Thu, 01 Jan 2026 00:00:50 GMT"], body: "{}"), .answer(body: Coins.good)]
    },
    Fault("429 with X-RateLimit-Reset as a date of its own", stored: 2, requests: 2) { _ in
        [
            .answer("429 Too Many Requests", ["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 2026-01-01 00:00:50 +0000"], body: "{}"),
            .answer(body: Coins.good),
        ]
    },
    Fault("429 with X-RateLimit-Reset as an epoch", stored: 2, requests: 2) { _ in
        [.answer("429 Too Many Requests", ["X-RateLimit-Reset: 1767225650"], body: "{}"), .answer(body: Coins.good)]
    },
    Fault("429 for ever", error: .rateLimited, requests: 3) { _ in [.answer("429 Too Many Requests", body: "{}")] },
    Fault("429 with Retry-After of an hour", error: .rateLimited) { _ in [.answer("429 Too Many Requests", ["Retry-After: 3600"], body: "{}")] },
    Fault("402 payment required", error: .budget) { _ in [.answer("402 Payment Required", body: #"{"error":"plan limit"}"#)] },
    Fault("403 forbidden", error: .httpStatus) { _ in [.answer("403 Forbidden", body: "{}")] },
    Fault("404 not found", error: .httpStatus) { _ in [.answer("404 Not Found", type: "text/html", body: "<html>nginx</html>")] },
    Fault("408 request timeout, then well", stored: 2, requests: 2) { _ in [.answer("408 Request Timeout"), .answer(body: Coins.good)] },
    Fault("500 once, then well", stored: 2, requests: 2) { _ in [.answer("500 Internal Server Error"), .answer(body: Coins.good)] },
    Fault("500 for ever", error: .httpStatus, requests: 3) { _ in [.answer("500 Internal Server Error")] },
    Fault("502 with a page of HTML, then well", stored: 2, requests: 2) { _ in
        [.answer("502 Bad Gateway", type: "text/html", body: "<html>bad gateway</html>"), .answer(body: Coins.good)]
    },
    Fault("503 for ever", error: .httpStatus, requests: 3) { _ in [.answer("503 Service Unavailable")] },
    Fault("304 that nobody asked for", error: .httpStatus) { _ in [.answer("304 Not Modified")] },
    Fault("204 without a body", error: .httpStatus) { _ in [.answer("204 No Content", type: nil)] },
    Fault("redirect on the same host", stored: 2, requests: 2) { _ in [.redirect("301 Moved Permanently", to: "/v2"), .answer(body: Coins.good)] },
    Fault("redirects without end", error: .network, requests: 4, says: "more than 3 times") { _ in [.redirect(to: "/again")] },
    Fault("redirect to file://", error: .network, says: "file") { _ in [.redirect(to: "file:///etc/passwd")] },
    Fault("redirect to a private address", error: .network, says: "not a public address") { _ in [.redirect(to: "http://10.0.0.1/")] },
    Fault(
        "redirect to another port of this machine",
        error: .network,
        says: "not a public address",
        also: { site, _ in site.other.requests.isEmpty ? nil : "the other port was asked" }
    ) { site in [.redirect(to: site.other.url)] },
    Fault(
        "301 to another host with an auth header",
        declare: { upstream, _ in
            upstream.allowsPrivateAddresses = true
            upstream.headers = [NamedText("X-API-Key", "secret-of-the-first")]
        },
        error: .shape,
        also: { site, _ in
            guard site.server.requests.first?.contains("secret-of-the-first") == true else { return "the first host got no key" }
            guard let head = site.other.requests.first else { return "the other host was not asked" }
            return head.contains("secret-of-the-first") ? "the key went to another host" : nil
        }
    ) { site in [.redirect("301 Moved Permanently", to: "http://localhost:\(site.other.port)/")] },
    Fault("redirect without a target", error: .network) { _ in [.answer("302 Found", type: nil)] },
    Fault("HTML with status 200", error: .shape) { _ in
        [.answer(type: "text/html; charset=utf-8", body: "<!doctype html><html>Just a moment…</html>")]
    },
    Fault("HTML that says it is JSON", error: .parse) { _ in [.answer(body: "<!doctype html><html></html>")] },
    Fault("JSON with no content type", stored: 2) { _ in [.answer(type: nil, body: Coins.good)] },
    Fault("an error object where an array is expected", error: .shape, says: "Rate Limit") { _ in
        [.answer(body: #"{"status":{"error_code":429,"error_message":"You've exceeded the Rate Limit."}}"#)]
    },
    Fault("null", error: .shape) { _ in [.answer(body: "null")] },
    Fault("an empty array", error: .shape) { _ in [.answer(body: "[]")] },
    Fault("an empty body", error: .parse) { _ in [.answer(body: "")] },
    Fault(
        "a key that the server sends back",
        declare: { upstream, _ in upstream.query = [NamedText("api_key", "hunter2hunter2")] },
        error: .httpStatus
    ) {
        _ in [.answer("401 Unauthorized", body: #"{"error":"bad key hunter2hunter2"}"#)]
    },
]
