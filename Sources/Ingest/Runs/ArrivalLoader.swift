import MarketData
import TickerStore
import Transfer

/// Builds what the sources' threads bring; on the run's thread only.
final class ArrivalLoader {
    /// How each source came out that has ended.
    private(set) var outcomes: [String: SourceOutcome] = [:]
    private let run: ActiveRun
    private let sources: [String: SourceDefinition]
    private let limiters: [String: RateLimiter]
    private let queue: PageQueue
    private let remembered: RememberedPages
    /// The last page that came of each source.
    private var lastPages: [String: Int] = [:]
    private var loaders: [String: HTTPLoader] = [:]
    private var pending: [String: SourceOutcome] = [:]

    init(run: ActiveRun, sources: [SourceDefinition], limiters: [String: RateLimiter], queue: PageQueue, remembered: RememberedPages) {
        self.run = run
        self.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0) })
        self.limiters = limiters
        self.queue = queue
        self.remembered = remembered
    }

    /// Builds what has come.
    ///
    /// - Parameter isWaiting: Whether to go on until all sources have ended.
    func build(isWaiting: Bool) {
        while let arrival = queue.next(isWaiting: isWaiting) { take(arrival) }
    }

    private func take(_ arrival: PageArrival) {
        let name = arrival.source
        guard let definition = sources[name] else { return }
        switch (arrival.content, definition.kind) {
        case (.end(let isWhole), _): end(name, isWhole: isWhole)
        case _ where run.mustStop: break
        case (.unchanged(let page, let place), _):
            lastPages[name] = page.number
            pending[name, default: .nothing].join(judge(page, place, of: name))
        case (.records(let page, let start, let end, let memo), .http(let source)):
            lastPages[name] = memo?.page.number
            var loader = loaders[name] ?? HTTPLoader(name: name, source: source, mode: definition.schemaMode, run: run)
            // Behind the last page nothing is left to go on with.
            let behind = end?.change(of: name) ?? StateChange(key: PageCheckpoint.key(name), value: nil)
            pending[name, default: .nothing].join(loader.load(page, start: start.change(of: name), end: behind, memo: memo))
            if loader.mustEnd {
                pending[name]?.join(.failed)
                queue.refuse(name)
            }
            loaders[name] = loader
        case (.document(let page, let memo), .feed(let source)):
            pending[name, default: .nothing].join(
                FeedLoader(name: name, source: source, mode: definition.schemaMode, run: run).load(page, memo: memo)
            )
        default: break
        }
    }

    /// Counts a page that was taken by an earlier run. Records of which none became a row are a failure, also when nothing has changed.
    private func judge(_ page: RememberedPage, _ place: String, of name: String) -> SourceOutcome {
        run.remember(page.records, source: name)
        if page.hasRows { return .loaded }
        run.report(
            .data,
            source: name,
            "\(place): none of the \(page.records) records could become a row when it was read, and the page is as it was;"
                + " why: kasparro quarantine list --source \(name)"
        )
        return .failed
    }

    private func end(_ name: String, isWhole: Bool) {
        // Without a page: an empty one was the first, and that was allowed.
        var outcome = pending[name] ?? (isWhole ? .loaded : .failed)
        if !isWhole { outcome.join(.failed) }
        outcomes[name] = outcome
        run.update { [outcome] in $0.outcomes[name] = outcome }
        // Records that cannot be rows are no fault of the server's; a document that is no feed is.
        let hasAnswered: Bool
        if case .feed = sources[name]?.kind { hasAnswered = isWhole && outcome != .failed } else { hasAnswered = isWhole }
        limiters[name]?.attemptEnded(of: run, succeeded: run.mustStop ? nil : hasAnswered)
        guard !run.mustStop else { return }
        // After a failure the next run begins at the first page.
        var changes = [StateChange(key: PageCheckpoint.key(name), value: nil)]
        if isWhole, let last = lastPages[name] { changes += remembered.forget(of: name, behind: last) }
        run.end(source: name, changes: changes)
    }
}

/// Asks a `feed` source for its one document; on a thread of its own.
struct DocumentFetcher {
    let name: String
    let run: ActiveRun
    let client: UpstreamClient
    let pages: SourcePages
    let newest: @Sendable (String) -> Timestamp?

    func fetch(into queue: PageQueue) {
        let template = URLTemplate(client.upstream)
        let since = template.uses(.since) ? [URLTemplate.Placeholder.since: (newest(name) ?? .earliest).description] : [:]
        let url = template.expand(since)
        let known = pages.known(0, url: url)
        let response = client.get(url, accept: FeedLoader.mediaTypes, validators: known?.validators ?? [])
        if let response {
            let page = HTTPPage(place: redacted(url: url), body: response.body, fetchedAt: Timestamp(milliseconds: run.environment.now().wall))
            if let known, known.isAnswered(by: response, digest: page.digest) {
                queue.push(PageArrival(source: name, content: .unchanged(known, place: page.place)))
            } else {
                var memo = RememberedPage(number: 0, url: url, digest: page.digest)
                memo.takeValidators(of: response, run.environment.secrets)
                queue.push(PageArrival(source: name, content: .document(page, memo: PageMemo(pages: pages, page: memo))))
            }
        }
        queue.push(PageArrival(source: name, content: .end(isWhole: response != nil)))
    }
}
