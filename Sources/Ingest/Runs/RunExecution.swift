import CoreMetrics
import Logging
import MarketData
import TickerStore

/// One run from its first source to its end, which `RunService` then stores; on the run's own thread.
///
/// Sources with an upstream are asked at the same time, each on a thread; their pages and the files are built here, one after the other.
struct RunExecution {
    let run: ActiveRun
    let memory: FileMemory
    let limiters: [String: RateLimiter]
    /// Where the walks of interrupted runs go on.
    let checkpoints: [String: PageCheckpoint]
    /// The newest timestamp that the store has of a source.
    let newest: @Sendable (String) -> Timestamp?
    /// Pages that earlier runs have taken.
    var remembered = RememberedPages([])
    /// Of the decisions by which a source's records are mapped now; another one makes remembered pages worthless.
    var mappingVersion: @Sendable (_ source: String) -> String = { _ in "" }

    /// Runs all sources; gives the finished record.
    func execute() -> RunRecord {
        var outcomes: [String: SourceOutcome] = [:]
        load(run.sources, &outcomes)
        // Whoever asked for a run while this one went on gets what has come in since.
        var known = run.record.sources
        while let joined = run.takeJoin() {
            if run.record.sources != known { run.storeJoins() }
            known = run.record.sources
            run.drain()
            guard !run.mustStop else { continue }
            run.attempted(joined, at: run.environment.now())
            load(joined, &outcomes)
        }
        run.drain()
        return run.finish(outcomes)
    }

    private func load(_ sources: [SourceDefinition], _ outcomes: inout [String: SourceOutcome]) {
        let arrivals = startFetching(sources)
        for definition in sources {
            guard case .csv(let source) = definition.kind else { continue }
            let started = run.environment.now().monotonic
            var loader = CSVLoader(name: definition.name, source: source, mode: definition.schemaMode, run: run, memory: memory)
            // A long file does not keep the pages waiting that have come meanwhile.
            loader.between = { arrivals.build(isWaiting: false) }
            loader.load()
            IngestMetrics.latency(.transform).recordMilliseconds(run.environment.now().monotonic - started)
            outcomes[definition.name, default: .nothing].join(loader.outcome)
            run.update { [outcome = outcomes[definition.name]] in $0.outcomes[definition.name] = outcome }
            run.end(source: definition.name, changes: loader.forgotten)
        }
        arrivals.build(isWaiting: true)
        for (name, outcome) in arrivals.outcomes { outcomes[name, default: .nothing].join(outcome) }
    }

    /// Starts a thread for each source that has an upstream.
    private func startFetching(_ sources: [SourceDefinition]) -> ArrivalLoader {
        let upstream = sources.filter { limiters[$0.name] != nil && $0.upstream != nil }
        let queue = PageQueue(sources: upstream.map(\.name))
        for definition in upstream {
            guard let limiter = limiters[definition.name], let server = definition.upstream else { continue }
            let name = definition.name
            let client = UpstreamClient(name: name, upstream: server, run: run, limiter: limiter)
            switch definition.kind {
            case .csv: break
            case .http(let source):
                let checkpoint = checkpoints[name]
                let pages = pages(of: name, source.fingerprint)
                let fetcher = PageFetcher(
                    name: name,
                    source: source,
                    run: run,
                    client: client,
                    checkpoint: checkpoint,
                    pages: pages,
                    newest: newest
                )
                startThread(for: name, queue) { fetcher.walk(into: queue) }
            case .feed(let source):
                let fetcher = DocumentFetcher(name: name, run: run, client: client, pages: pages(of: name, source.fingerprint), newest: newest)
                startThread(for: name, queue) { fetcher.fetch(into: queue) }
            }
        }
        return ArrivalLoader(run: run, sources: upstream, limiters: limiters, queue: queue, remembered: remembered)
    }

    private func pages(of source: String, _ definition: String) -> SourcePages {
        SourcePages(source: source, definition: definition, pages: remembered, mappingVersion: mappingVersion)
    }

    /// A source that gets no thread fails; the others go on.
    private func startThread(for source: String, _ queue: PageQueue, _ body: @escaping @Sendable () -> Void) {
        do throws(ThreadError) {
            try TickerStore.startThread(body)
        } catch {
            run.report(.network, source: source, "\(error)")
            queue.push(PageArrival(source: source, content: .end(isWhole: false)))
        }
    }
}
