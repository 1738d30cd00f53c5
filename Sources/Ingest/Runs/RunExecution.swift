import CoreMetrics
import Logging
import MarketData
import TickerStore

/// One run from its first source to its end, which `RunService` then stores; on the run's own thread.
///
/// `http` sources are fetched at the same time, each on a thread; their pages and the files are built here, one after the other.
struct RunExecution {
    let run: ActiveRun
    let memory: FileMemory
    let limiters: [String: RateLimiter]

    private struct Arrival: Sendable {
        var name: String
        var source: HTTPSource
        var page: HTTPPage?
    }

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
        let arrivals = BlockingQueue<Arrival>()
        var expected = 0
        for definition in sources {
            guard case .http(let source) = definition.kind, let limiter = limiters[definition.name] else { continue }
            let fetch = HTTPFetch(name: definition.name, source: source, run: run, limiter: limiter)
            startThread { _ = arrivals.push(Arrival(name: fetch.name, source: fetch.source, page: fetch.page())) }
            expected += 1
        }
        for definition in sources {
            guard case .csv(let source) = definition.kind else { continue }
            let started = run.environment.now().monotonic
            var loader = CSVLoader(name: definition.name, source: source, run: run, memory: memory)
            loader.load()
            IngestMetrics.latency(.transform).recordMilliseconds(run.environment.now().monotonic - started)
            outcomes[definition.name, default: .nothing].join(loader.outcome)
        }
        while expected > 0 {
            for arrival in arrivals.popAll() ?? [] {
                expected -= 1
                let loader = HTTPLoader(name: arrival.name, source: arrival.source, run: run)
                outcomes[arrival.name, default: .nothing].join(arrival.page.map(loader.load) ?? .failed)
            }
        }
    }

    private func finish(_ outcomes: [String: SourceOutcome]) -> RunRecord {
        if let failure = run.storeFailure { run.report(.store, source: run.record.source, failure.message) }
        if run.isCancelled { run.report(.interrupted, source: run.record.source, "interrupted: the process was stopped; the next run goes on") }
        let whole = outcomes.values.reduce(into: SourceOutcome.nothing) { $0.join($1) }
        let status: RunRecord.Status = run.mustStop || whole == .failed ? .failed : whole == .partlyLoaded ? .partialSuccess : .success
        let completedAt = Timestamp(milliseconds: run.environment.now().wall)
        run.update { record in
            record.completedAt = completedAt
            record.status = status
        }
        return run.record
    }
}
