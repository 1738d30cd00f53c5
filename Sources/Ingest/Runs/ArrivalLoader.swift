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
    private var loaders: [String: HTTPLoader] = [:]
    private var pending: [String: SourceOutcome] = [:]

    init(run: ActiveRun, sources: [SourceDefinition], limiters: [String: RateLimiter], queue: PageQueue) {
        self.run = run
        self.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0) })
        self.limiters = limiters
        self.queue = queue
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
        case (.records(let page, let start, let end), .http(let source)):
            var loader = loaders[name] ?? HTTPLoader(name: name, source: source, mode: definition.schemaMode, run: run)
            // Behind the last page nothing is left to go on with.
            let behind = end?.change(of: name) ?? StateChange(key: PageCheckpoint.key(name), value: nil)
            pending[name, default: .nothing].join(loader.load(page, start: start.change(of: name), end: behind))
            if loader.hasTooManyBadRecords {
                pending[name]?.join(.failed)
                queue.refuse(name)
            }
            loaders[name] = loader
        case (.document(let page), .feed(let source)):
            pending[name, default: .nothing].join(FeedLoader(name: name, source: source, mode: definition.schemaMode, run: run).load(page))
        default: break
        }
    }

    private func end(_ name: String, isWhole: Bool) {
        // Without a page: an empty one was the first, and that was allowed.
        var outcome = pending[name] ?? (isWhole ? .loaded : .failed)
        if !isWhole { outcome.join(.failed) }
        outcomes[name] = outcome
        // Records that cannot be rows are no fault of the server's; a document that is no feed is.
        let hasAnswered: Bool
        if case .feed = sources[name]?.kind { hasAnswered = isWhole && outcome != .failed } else { hasAnswered = isWhole }
        limiters[name]?.attemptEnded(of: run, succeeded: run.mustStop ? nil : hasAnswered)
        guard !run.mustStop else { return }
        // After a failure the next run begins at the first page.
        run.end(source: name, changes: [StateChange(key: PageCheckpoint.key(name), value: nil)])
    }
}

/// Asks a `feed` source for its one document; on a thread of its own.
struct DocumentFetcher {
    let name: String
    let run: ActiveRun
    let client: UpstreamClient
    let newest: @Sendable (String) -> Timestamp?

    func fetch(into queue: PageQueue) {
        let template = URLTemplate(client.upstream)
        let since = template.uses(.since) ? [URLTemplate.Placeholder.since: (newest(name) ?? .earliest).description] : [:]
        let url = template.expand(since)
        let response = client.get(url, accept: FeedLoader.mediaTypes)
        if let response {
            let page = HTTPPage(place: redacted(url: url), body: response.body, fetchedAt: Timestamp(milliseconds: run.environment.now().wall))
            queue.push(PageArrival(source: name, content: .document(page)))
        }
        queue.push(PageArrival(source: name, content: .end(isWhole: response != nil)))
    }
}
