import TestSupport
import Transfer

@testable import Ingest

/// Pages after pages, and connections that do not come about.
let walkFaults: [Fault] = [
    Fault("four pages, and no fifth is asked for", .pages, stored: 8, requests: 4) { _ in pages(1...2, 3...4, 5...6, 7...8, 9...10) },
    Fault("an empty page behind the last", .pages, stored: 4, requests: 3) { _ in pages(1...2, 3...4) + [.answer(body: "[]")] },
    Fault("an empty page in the middle", .pages, stored: 2, requests: 2) { _ in pages(1...2) + [.answer(body: "[]")] + pages(5...6) },
    Fault("the same page for ever", .pages, stored: 2, error: .shape, requests: 2, says: "same page") { _ in pages(1...2) },
    Fault("a page that shrinks", .pages, stored: 5, requests: 4) { _ in pages(1...3, 4...4, 5...5) + [.answer(body: "[]")] },
    Fault("pages that overlap", .pages, stored: 3, requests: 3) { _ in pages(1...2, 2...3) + [.answer(body: "[]")] },
    Fault("an error object for the second page", .pages, stored: 2, error: .shape, requests: 2) { _ in
        pages(1...2) + [.answer(body: #"{"error":"too much"}"#)]
    },
    Fault("404 for the second page", .pages, stored: 2, error: .httpStatus, requests: 2) { _ in pages(1...2) + [.answer("404 Not Found")] },
    Fault("503 before the second page", .pages, stored: 4, requests: 4) { _ in
        pages(1...2) + [.answer("503 Service Unavailable")] + pages(3...4) + [.answer(body: "[]")]
    },
    Fault("a page of which nothing can be read, between two good ones", .pages, stored: 2, error: .parse, requests: 2) { _ in
        pages(1...2) + [.answer(body: "[{]")] + pages(5...6)
    },

    Fault("a name without an address", declare: { upstream, _ in upstream.url = "http://no-such-host.invalid/" }, error: .network, requests: 0) { _ in
        []
    },
    Fault(
        "a port where nobody listens",
        declare: { upstream, _ in upstream.url = "http://127.0.0.1:\(ScriptedServer.closedPort())/" },
        error: .network,
        requests: 0,
        says: "nothing listens"
    ) { _ in [] },
    Fault(
        "a private address behind a name",
        declare: { upstream, site in upstream.url = "http://127.0.0.1.nip.invalid:\(site.server.port)/" },
        error: .network,
        requests: 0
    ) {
        _ in []
    },
    Fault("a connection that is reset", error: .network, requests: 3) { _ in [[.reset]] },
    Fault("a connection that is closed without a word", error: .network, requests: 3) { _ in [.bytes("")] },
    Fault("a server that says nothing", declare: { upstream, _ in upstream.limits.totalTimeout = .milliseconds(300) }, error: .timeout, requests: 3) {
        _ in
        [[.hang]]
    },
    Fault("headers dripping too slowly", declare: { upstream, _ in upstream.limits.totalTimeout = .milliseconds(300) }, error: .timeout, requests: 3)
    {
        _ in [[.drip([UInt8]("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n".utf8), pauseMilliseconds: 50)]]
    },
    Fault("headers without end", error: .tooLarge) { _ in
        [[.send([UInt8]("HTTP/1.1 200 OK\r\n".utf8)), .sendForEver([UInt8]("X-More: and more and more\r\n".utf8))]]
    },
    Fault("a server that speaks no HTTP", error: .network) { _ in [.bytes("SSH-2.0-OpenSSH_9.2\r\n")] },
    Fault("TLS where there is none", declare: { upstream, site in upstream.url = "https://127.0.0.1:\(site.server.port)/" }, error: .tls, requests: 0)
    {
        _ in [.answer("400 Bad Request")]
    },

    Fault("a DOCTYPE with entities in a feed", .feed, error: .parse, says: "DOCTYPE") { _ in
        [
            .answer(
                type: "application/rss+xml",
                body: #"<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa">]><rss><channel><item><title>&a;</title></item></channel></rss>"#
            )
        ]
    },
    Fault("a feed that is cut", .feed, error: .parse) { _ in [.answer(type: "application/rss+xml", body: "<rss><channel><item><title>BTC")] },
    Fault("HTML in the place of a feed", .feed, error: .shape) { _ in [.answer(type: "text/html", body: "<html><body>gone</body></html>")] },
    Fault("JSON in the place of a feed", .feed, error: .shape) { _ in [.answer(body: "[]")] },
    Fault("a feed without items", .feed, error: .shape) { _ in
        [.answer(type: "application/rss+xml", body: "<rss version=\"2.0\"><channel><title>t</title></channel></rss>")]
    },
    Fault("a feed with one bad item", .feed, stored: 1, quarantined: ["missing_price_usd": 1]) { _ in
        [
            .answer(
                type: "application/rss+xml",
                body:
                    "<rss version=\"2.0\"><channel><item><title>BTC</title><price>1.5</price><pubDate>Mon, 03 Nov 2025 08:41:52 GMT</pubDate></item>"
                    + "<item><title>ETH</title><pubDate>Mon, 03 Nov 2025 08:41:52 GMT</pubDate></item></channel></rss>"
            )
        ]
    },
]

private func pages(_ ranges: ClosedRange<Int>...) -> [Script] { ranges.map { .answer(body: Coins.geckos($0)) } }
