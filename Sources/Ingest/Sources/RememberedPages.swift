import Synchronization
import TickerStore
import Transfer

/// The pages of all sources that are remembered; as the store's state has them.
final class RememberedPages: Sendable {
    /// Pages of one source; those behind them are parsed each time.
    static let most = 1_000
    private static let prefix = "page-memory/"

    /// By source, then by the page's number.
    private let known: Mutex<[String: [Int: RememberedPage]]>

    init(_ state: [(key: String, value: [UInt8])]) {
        var known: [String: [Int: RememberedPage]] = [:]
        for (key, value) in state where key.hasPrefix(Self.prefix) {
            let rest = key.dropFirst(Self.prefix.count)
            guard let slash = rest.lastIndex(of: "/"), let number = Int(rest[rest.index(after: slash)...]) else { continue }
            known[String(rest[..<slash]), default: [:]][number] = RememberedPage(number: number, decoding: value)
        }
        self.known = Mutex(known)
    }

    private static func key(_ source: String, _ number: Int) -> String { "\(prefix)\(source)/\(number)" }

    /// What is known of a page, if it was asked for with this URL and taken with this fingerprint.
    func page(_ number: Int, of source: String, url: String, fingerprint: String) -> RememberedPage? {
        known.withLock { $0[source]?[number] }.flatMap { $0.url == RememberedPage.hash(of: url) && $0.fingerprint == fingerprint ? $0 : nil }
    }

    /// What stores a page; nothing for one that is too far behind.
    func changes(_ page: RememberedPage, of source: String) -> [StateChange] {
        page.number < Self.most ? [StateChange(key: Self.key(source, page.number), value: page.encoded())] : []
    }

    /// Called when `changes` are durable.
    func remember(_ page: RememberedPage, of source: String) {
        guard page.number < Self.most else { return }
        known.withLock { $0[source, default: [:]][page.number] = page }
    }

    /// Forgets the pages behind the one that a whole walk ended with.
    ///
    /// - Returns: What says so in the store.
    func forget(of source: String, behind number: Int) -> [StateChange] {
        known.withLock { known in
            let gone = (known[source] ?? [:]).keys.filter { $0 > number }.sorted()
            for number in gone { known[source]?[number] = nil }
            return gone.map { StateChange(key: Self.key(source, $0), value: nil) }
        }
    }

    /// Forgets the pages of sources that are no more.
    ///
    /// - Returns: What says so in the store.
    func forgetAll(but sources: Set<String>) -> [StateChange] {
        known.withLock { known in
            let gone = known.filter { !sources.contains($0.key) }
            for source in gone.keys { known[source] = nil }
            return gone.flatMap { source, pages in pages.keys.map { StateChange(key: Self.key(source, $0), value: nil) } }
                .sorted { $0.key < $1.key }
        }
    }
}

/// The remembered pages of one source, and what makes them worthless.
struct SourcePages: Sendable {
    let source: String
    /// Of what the source asks for and makes of the answers, but for what mapping decided.
    let definition: String
    let pages: RememberedPages
    /// Of the decisions by which a source's records are mapped now.
    let mappingVersion: @Sendable (_ source: String) -> String

    /// Changes when the same page would give other rows.
    private var fingerprint: String { definition + " " + mappingVersion(source) }

    /// What is known of a page that is about to be asked for.
    func known(_ number: Int, url: String) -> RememberedPage? { pages.page(number, of: source, url: url, fingerprint: fingerprint) }

    /// What says in the store that all records of a page have been taken, and what then has to be called.
    func taken(_ page: RememberedPage, records: Int, hasRows: Bool) -> (changes: [StateChange], committed: @Sendable () -> Void) {
        var page = page
        page.records = records
        page.hasRows = hasRows
        // Not when it was asked for: its own records may have brought a decision.
        page.fingerprint = fingerprint
        return (pages.changes(page, of: source), { [page, pages, source] in pages.remember(page, of: source) })
    }
}

/// What will be remembered of a page once its last rows are committed.
struct PageMemo: Sendable {
    let pages: SourcePages
    let page: RememberedPage
}
