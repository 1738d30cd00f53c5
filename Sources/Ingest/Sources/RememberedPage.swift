import Crypto
import MarketData
import Synchronization
import TickerStore
import Transfer

/// What is known of a page whose records were all taken: while it stays the same it is not parsed again (spec section 6, incremental).
///
/// In the store's state under `page-memory/<source>/<number>`, committed with the last rows of the page. URLs are there as hashes, because
/// they may hold secrets; a page that names the next one by a secret is not remembered.
struct RememberedPage: Sendable, Equatable {
    /// Longer validators are not kept.
    private static let longestValidator = 512
    /// Before a second has passed, and the clocks of a server's machines agree on that, a page may change and keep its time (RFC 9110
    /// section 8.8.2.2).
    private static let settledMilliseconds: Int64 = 60_000

    /// From 0, in the order in which they are asked for.
    var number: Int
    /// A hash of the URL that was asked for.
    var url: String
    /// Of what the source asks for and makes of the answer; empty until its records have been taken.
    var fingerprint = ""
    /// A hash of the body.
    var digest: String
    var entityTag: String?
    var lastModified: String?
    var records = 0
    /// Whether any of them became a row, or would have if it were not too old.
    var hasRows = false
    /// The cursor or the whole URL of the next page, if the page names one.
    var next: String?

    /// - Parameters:
    ///   - url: that was asked for.
    ///   - digest: of the body.
    init(number: Int, url: String, digest: String) {
        self.number = number
        self.url = Self.hash(of: url)
        self.digest = digest
    }

    static func hash(of url: String) -> String { Hexadecimal.text(SHA256.hash(data: Array(url.utf8)).prefix(16)) }

    /// Takes what an answer can be asked for by later on; not what holds a secret.
    mutating func takeValidators(of response: FetchResponse, _ secrets: Secrets) {
        func usable(_ name: String) -> String? {
            guard let text = response.header(name), (1...Self.longestValidator).contains(text.utf8.count),
                text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), secrets.redacted(text) == text
            else { return nil }
            return text
        }
        entityTag = usable("etag")
        guard entityTag == nil, let text = usable("last-modified"), let time = try? Timestamp.parse(text),
            let date = usable("date").flatMap({ try? Timestamp.parse($0) }), date.milliseconds - time.milliseconds >= Self.settledMilliseconds
        else { return }
        lastModified = text
    }

    /// Whether an answer to a request with its validators is the page once more.
    func isAnswered(by response: FetchResponse, digest: String) -> Bool { response.status == 304 || digest == self.digest }

    /// For a request whose answer may be 304.
    var validators: [NamedText] {
        if let entityTag { return [NamedText("If-None-Match", entityTag)] }
        return lastModified.map { [NamedText("If-Modified-Since", $0)] } ?? []
    }
}

extension RememberedPage {
    /// What an answer that is this page once more says about where the walk goes on.
    ///
    /// - Parameters:
    ///   - links: the answer's own `Link` headers, which are no part of a body; 304 need not have any.
    ///   - answeredURL: the URL that answered.
    func facts(_ pagination: Pagination, links: [String], firstURL: String, answeredURL: String) -> PageFacts {
        var facts = PageFacts(records: records, firstURL: firstURL, answeredURL: answeredURL, digest: digest)
        switch pagination {
        case .none, .page, .offset: break
        case .cursor: facts.pointed = next.map { .text($0) } ?? .nothing
        case .nextURL: facts.knownLink = next
        case .linkHeader:
            facts.links = links
            if links.isEmpty { facts.knownLink = next }
        }
        return facts
    }
}

extension PageMemo {
    /// The memo with the next page's place; nil when the walk fails there, or that place holds a secret.
    func naming(_ step: PageWalk.Step, _ secrets: Secrets) -> PageMemo? {
        var page = page
        switch step {
        case .end, .next(.first), .next(.page), .next(.offset): break
        case .next(.cursor(let text)), .next(.url(let text)):
            guard secrets.redacted(text) == text else { return nil }
            page.next = text
        case .failure: return nil
        }
        return PageMemo(pages: pages, page: page)
    }
}

extension RememberedPage {
    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("url_sha256", url)
        writer.member("fingerprint", fingerprint)
        writer.member("digest", digest)
        writer.member("etag", entityTag)
        writer.member("last_modified", lastModified)
        writer.member("records", records)
        writer.member("has_rows", hasRows)
        writer.member("next", next)
        writer.endObject()
        return writer.bytes
    }

    /// nil when the bytes are not whole: the page is then parsed, which costs time and loses nothing.
    init?(number: Int, decoding bytes: [UInt8]) {
        guard let root = try? JSONDocument(parsing: bytes).root, let url = root.member("url_sha256")?.string,
            let fingerprint = root.member("fingerprint")?.string, let digest = root.member("digest")?.string,
            let records = root.member("records")?.integer, let hasRows = root.member("has_rows")?.boolValue
        else { return nil }
        self.number = number
        self.url = url
        self.fingerprint = fingerprint
        self.digest = digest
        entityTag = root.member("etag")?.string
        lastModified = root.member("last_modified")?.string
        self.records = Int(records)
        self.hasRows = hasRows
        next = root.member("next")?.string
    }
}
