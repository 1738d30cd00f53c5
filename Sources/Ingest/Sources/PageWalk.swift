import Transfer

/// Where a page of an API begins.
enum PageStart: Sendable, Hashable {
    /// What the source's own URL asks for first.
    case first
    case page(Int)
    case offset(Int)
    case cursor(String)
    /// A URL that an answer named, on the origin of the source's own.
    case url(String)
}

/// What an answer says about where its walk goes on.
struct PageFacts: Sendable {
    var records: Int
    var pointed = PointedText.nothing
    /// The values of the `Link` header.
    var links: [String] = []
    /// The walk's first URL, whose origin next pages stay on.
    var firstURL = ""
    /// The URL that answered, after redirects.
    var answeredURL = ""
    /// A hash of the body.
    var digest = ""
    /// The next page's whole URL as the same page named it before; then nothing else says it.
    var knownLink: String?
}

/// Goes from page to page of an API; knows nothing of the network (spec section 2).
///
/// For each answer first `accept`, then `next`.
struct PageWalk: Sendable {
    enum Step: Sendable, Equatable {
        case next(PageStart)
        case end
        /// There is no next page because of this.
        case failure(String)
    }

    /// Bytes of a cursor or a next URL, at most.
    static let longestPlace = 4_096

    let pagination: Pagination
    let maximumPages: Int
    /// Whether the operator wants no more pages than that.
    private let isLimitDeclared: Bool
    /// Records of the page before; nil when that was another run's.
    private var lastCount: Int?
    /// Pages taken so far, those of the run that this one goes on after among them.
    private(set) var pagesDone: Int
    /// The page that is to be asked for, or was asked for last.
    private(set) var start: PageStart
    private(set) var lastDigest: String
    private var digests: Set<String>
    private var starts: Set<PageStart>

    /// - Parameter checkpoint: Where an earlier walk over the same source came to.
    init(_ source: HTTPSource, after checkpoint: PageCheckpoint? = nil) {
        pagination = source.pagination
        maximumPages = max(1, source.maximumPages)
        isLimitDeclared = source.isPageLimitDeclared
        pagesDone = checkpoint?.pagesDone ?? 0
        lastDigest = checkpoint?.digest ?? ""
        digests = lastDigest.isEmpty ? [] : [lastDigest]
        let own: PageStart =
            switch source.pagination {
            case .page(let first): .page(first)
            case .offset: .offset(0)
            case .none, .cursor, .linkHeader, .nextURL: .first
            }
        start = checkpoint?.start ?? own
        starts = [own, start]
    }

    /// Takes an answer; false when it is one of the earlier pages once more. An empty one never is.
    mutating func accept(_ facts: PageFacts) -> Bool {
        guard facts.records == 0 || digests.insert(facts.digest).inserted else { return false }
        lastDigest = facts.digest
        pagesDone += 1
        return true
    }

    /// Where it goes on behind an accepted answer. An empty page ends a walk that counts; one that names the next page goes on.
    mutating func next(after facts: PageFacts) -> Step {
        defer { lastCount = facts.records }
        let next: PageStart
        switch (pagination, start) {
        case (.none, _): return .end
        case (.page, _) where facts.records == 0, (.offset, _) where facts.records == 0: return .end
        case (.page, .page(let number)): next = .page(number + 1)
        case (.page(let first), _): next = .page(first + 1)
        case (.offset, _):
            // Not by the page's limit: servers cap it without a word.
            if let lastCount, facts.records < lastCount { return .end }
            guard case .offset(let offset) = start else { return .end }
            next = .offset(offset + facts.records)
        case (.cursor, _):
            switch facts.pointed {
            case .nothing: return .end
            case .unreadable: return .failure("what says where the next page begins is neither text nor a number, or stands there twice")
            case .text(let cursor): next = .cursor(cursor)
            }
        case (.linkHeader, _), (.nextURL, _):
            if facts.pointed == .unreadable { return .failure("what should be the next page's URL is none, or stands there twice") }
            guard let link = link(in: facts), !link.isEmpty else { return .end }
            guard link.utf8.count <= Self.longestPlace else { return .failure("the next page's link is longer than \(Self.longestPlace) bytes") }
            do throws(WebLink.Refusal) {
                next = .url(try WebLink.resolve(link, against: facts.answeredURL, onOriginOf: facts.firstURL))
            } catch {
                return .failure("the next page's link \(redacted(url: link)) is not followed: \(error)")
            }
        }
        guard starts.insert(next).inserted else {
            return .failure("the answer names as next page one that was asked for before; the walk would go round for ever")
        }
        guard pagesDone < maximumPages else {
            if isLimitDeclared { return .end }
            return .failure("the walk ended after \(maximumPages) pages and there are more; say max_pages to have them, or to be content with these")
        }
        start = next
        return .next(next)
    }

    private func link(in facts: PageFacts) -> String? {
        if let link = facts.knownLink { return link }
        if pagination == .linkHeader { return LinkHeader.target(of: "next", in: facts.links) }
        guard case .text(let link) = facts.pointed else { return nil }
        return link
    }
}
