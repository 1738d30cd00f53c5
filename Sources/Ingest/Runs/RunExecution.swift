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

    /// Runs all sources; gives the finished record.
    func execute() -> RunRecord {
        var outcomes: [String: SourceOutcome] = [:]
        load(run.sources, &outcomes)
        // Whoever asked for a run while this one went on gets what has come in since.
        while let joined = run.takeJoin() {
            run.drain()
            if !run.mustStop { load(joined, &outcomes) }
        }
        run.drain()
        return finish(outcomes)
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
            run.end(source: definition.name)
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
                let fetcher = PageFetcher(name: name, source: source, run: run, client: client, checkpoint: checkpoint, newest: newest)
                startThread { fetcher.walk(into: queue) }
            case .feed:
                let fetcher = DocumentFetcher(name: name, run: run, client: client, newest: newest)
                startThread { fetcher.fetch(into: queue) }
            }
        }
        return ArrivalLoader(run: run, sources: upstream, limiters: limiters, queue: queue)
    }

    private func finish(_ outcomes: [String: SourceOutcome]) -> RunRecord {
        if let failure = run.storeFailure { run.report(.store, source: run.record.source, failure.message) }
        if run.isCancelled, !run.isPreview {
            run.report(.interrupted, source: run.record.source, "interrupted: the process was stopped; the next run goes on")
        }
        let whole = outcomes.values.reduce(into: SourceOutcome.nothing) { $0.join($1) }
        let status: RunRecord.Status = run.mustStop || whole == .failed ? .failed : whole == .partlyLoaded ? .partialSuccess : .success
        let completedAt = Timestamp(milliseconds: run.environment.now().wall)
        run.update { record in
            record.completedAt = completedAt
            record.status = status
            record.outcomes = outcomes
            record.schemaVersion = run.schemas.registry.version
        }
        return run.record
    }
}
