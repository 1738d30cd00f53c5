import MarketData
import TickerStore

/// How far a walk over an API's pages has come; in the store's state under `page/<source>` while the walk goes on (spec section 6).
///
/// Committed with the last rows of a page it says where the next one begins; with the earlier batches of a page, where that page does.
struct PageCheckpoint: Sendable, Equatable {
    /// An older one is not gone on after: the ranks have moved on meanwhile.
    static let lifetimeMilliseconds: Int64 = 900_000

    var runID: String
    /// Changes with what the source asks for and makes of it.
    var definition: String
    /// Wall clock, milliseconds since 1970.
    var time: Int64
    var start: PageStart
    var pagesDone: Int
    /// What `{since}` stood for in the walk.
    var since: String
    /// The hash of the page before.
    var digest: String

    static func key(_ source: String) -> String { "page/" + source }

    func change(of source: String) -> StateChange { StateChange(key: Self.key(source), value: encoded()) }

    /// Whether a run may go on here after `run`.
    func isValid(after run: String, definition: String, at now: Int64) -> Bool {
        runID == run && self.definition == definition && (0..<Self.lifetimeMilliseconds).contains(now - time)
    }

    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("run_id", runID)
        writer.member("definition", definition)
        writer.member("time_ms", time)
        switch start {
        case .first: break
        case .page(let page): writer.member("page", page)
        case .offset(let offset): writer.member("offset", offset)
        case .cursor(let cursor): writer.member("cursor", cursor)
        case .url(let url): writer.member("url", url)
        }
        writer.member("pages", pagesDone)
        writer.member("since", since)
        writer.member("digest", digest)
        writer.endObject()
        return writer.bytes
    }
}

extension PageCheckpoint {
    /// nil when the bytes are not whole: the walk then begins anew, which costs requests and loses nothing.
    init?(decoding bytes: [UInt8]) {
        guard let root = try? JSONDocument(parsing: bytes).root, let runID = root.member("run_id")?.string,
            let definition = root.member("definition")?.string, let time = root.member("time_ms")?.integer,
            let pages = root.member("pages")?.integer, let since = root.member("since")?.string, let digest = root.member("digest")?.string
        else { return nil }
        var start = PageStart.first
        if let page = root.member("page")?.integer { start = .page(Int(page)) }
        if let offset = root.member("offset")?.integer { start = .offset(Int(offset)) }
        if let cursor = root.member("cursor")?.string { start = .cursor(cursor) }
        if let url = root.member("url")?.string { start = .url(url) }
        self.init(runID: runID, definition: definition, time: time, start: start, pagesDone: Int(pages), since: since, digest: digest)
    }
}
