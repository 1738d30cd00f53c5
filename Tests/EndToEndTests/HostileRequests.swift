import TestSupport

/// Requests that no good client sends: a list of our own, and as many variations of it and of good ones as a test wants, the same ones for the same seed.
struct HostileRequests {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private static let targets = [
        "/", "/data", "/data?limit=5", "/data?symbol=BTC,ETH&limit=1000&sort_dir=asc", "/data?from=2024-01-01&to=2024-12-31", "/data?format=ndjson",
        "/runs", "/runs?limit=1&status=failed", "/runs/etl_20241215_143022_abc123", "/stats", "/health", "/livez", "/readyz", "/metrics", "/refresh",
        "/quarantine", "/quarantine/00", "/latest", "/symbols", "/outliers", "/raw/csv/BTC", "/compare?symbol=BTC", "/ohlc?symbol=BTC&interval=1h",
        "/admin/status", "/admin/backup?path=x", "/nothing",
    ]
    private static let values = [
        "", "-1", "0", "99999999999999999999", "1e9", "0x10", "NaN", "null", "true", "%", "%0", "%zz", "%00", "%c0%af", "%ed%a0%80",
        "%f8%88%80%80%80",
        "%ff%fe", "../../../../etc/passwd", "%2e%2e%2f%2e%2e%2f", "..%5c..%5c", "'; DROP TABLE rows;--", "<script>", "${jndi:ldap://x}", "{{7*7}}",
        "0001-01-01", "9999-12-31T23:59:60Z", "2024-13-45", "-292277022657-01-27", "AAAA", "eyJ2IjoxfQ", "AQ", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "////", "a,b,,c,", "\u{202E}", "%0d%0aSet-Cookie:x", "%E2%80%8B", "+", "&&&&", "====", ";", "#",
    ]
    private static let names = [
        "limit", "cursor", "symbol", "source", "from", "to", "page", "sort_by", "sort_dir", "format", "status", "wait", "include", "x", "",
    ]
    private static let methods = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "get", "G", "CONNECT", "FOO", "PRI",
    ]
    private static let fields = [
        "Host: b", "Content-Length: 5", "Content-Length: 0", "Content-Length: -5", "Content-Length: 99999999999", "Content-Length: 4, 4",
        "Transfer-Encoding: chunked", "Transfer-Encoding: identity", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding : chunked",
        "Transfer-Encoding:\u{b}chunked", " folded", "X: \0", "X: \u{1}", "X", ": x", "X\u{e9}: x", "Connection: close", "Connection: Upgrade",
        "Upgrade: websocket",
        "Expect: 100-continue", "Expect: nonsense", "Range: bytes=0-1,2-3,-5", "Accept-Encoding: gzip;q=NaN, *;q=9", "Authorization: Bearer",
        "Authorization: Bearer x",
        "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.", "If-None-Match: \"", "X-Request-ID: ../../x", "X-Forwarded-For: 127.0.0.1", "Origin: null",
        "Cookie: a=b", "X-HTTP-Method-Override: DELETE", "Content-Encoding: gzip", "Last-Event-ID: -1",
    ]
    private static let bodies = [
        "", "hello", "5\r\nhello\r\n0\r\n\r\n", "5\r\nhel", "fffffffff\r\n", "-1\r\n", "1;\0\r\nx\r\n",
        "0\r\n\r\nGET /admin/status HTTP/1.1\r\nHost: a\r\n\r\n",
        "0\r\nX: \u{1}\r\n\r\n", "\r\n\r\n\r\n", "5 \r\nhello\r\n",
    ]

    /// What is worth trying as it is.
    static let corpus: [[UInt8]] =
        [
            "", "\0", "\r\n", "\n", "GET", "GET /", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/9.9\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n", "GET http://a/data HTTP/1.1\r\nHost: b\r\n\r\n", "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "GET //data HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /data/../admin/status HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /runs/%00 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /runs/%ff HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /data?" + String(repeating: "a", count: 9_000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 200) + "\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "y", count: 70_000) + "\r\n\r\n",
            "GET /data?" + String(repeating: "x&", count: 3_000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
            String(repeating: "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", count: 200),
            "POST /refresh HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
            "POST /refresh HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "1\r\nx\r\n", count: 5_000) + "0\r\n\r\n",
            "POST /refresh HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + String(repeating: "x", count: 100_000),
            "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0", "SSH-2.0-x\r\n", "EHLO x\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            String(repeating: "A", count: 100_000),
        ].map { Array($0.utf8) } + [[0xFF, 0xFE, 0x00], [0x80, 0x2E, 0x01]]

    /// The next one.
    mutating func next() -> [UInt8] {
        if random.below(10) == 0 { return random.pick(Self.corpus) }
        var bytes = Array(request().utf8)
        // A third is left as it is.
        for _ in 0..<(random.below(3) == 0 ? 0 : random.below(4)) { mutate(&bytes) }
        return bytes
    }

    private mutating func request() -> String {
        var target = random.pick(Self.targets)
        for _ in 0..<random.below(4) {
            target += (target.contains("?") ? "&" : "?") + random.pick(Self.names) + (random.bool() ? "=" + random.pick(Self.values) : "")
        }
        if random.below(8) == 0 { target += "/" + random.pick(Self.values) }
        let method = random.below(3) == 0 ? random.pick(Self.methods) : "GET"
        let version = random.below(12) == 0 ? random.pick(["HTTP/1.0", "HTTP/2.0", "HTTP/1.10", "http/1.1", ""]) : "HTTP/1.1"
        var text = "\(method) \(target) \(version)\r\n" + (random.below(12) == 0 ? "" : "Host: a\r\n")
        for _ in 0..<random.below(3) { text += random.pick(Self.fields) + "\r\n" }
        return text + "\r\n" + (random.below(4) == 0 ? random.pick(Self.bodies) : "")
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = random.below(bytes.count)
        switch random.below(7) {
        case 0: bytes.removeLast(bytes.count - place)
        case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes.insert(random.pick([0, 0x0A, 0x0D, 0x20, 0x7F, 0x80, 0xFF]), at: place)
        case 3: bytes.remove(at: place)
        case 4: bytes.insert(contentsOf: bytes[place...].prefix(random.below(50)), at: place)
        case 5: bytes.insert(contentsOf: [UInt8](repeating: bytes[place], count: 1 << random.below(14)), at: place)
        default: bytes.swapAt(place, random.below(bytes.count))
        }
    }
}
