import MarketData
import TickerStore

/// A run over quarantined records: each goes through today's mapping and checks, and is taken out in the commit that stores its row. What still
/// cannot be a row goes on waiting as it is (spec section 5).
struct ReplayExecution {
    /// Records that are looked at together, as a page is.
    static let recordsAtOnce = 1_000

    let run: ActiveRun
    let store: Store
    let request: ReplayRequest
    private let order: ReplayOrder

    init(run: ActiveRun, store: Store, request: ReplayRequest) {
        self.run = run
        self.store = store
        self.request = request
        order = ReplayOrder(ownRunID: run.record.runID)
    }

    /// Tries all records; gives the finished record of the run.
    func execute() -> RunRecord {
        var outcomes: [String: SourceOutcome] = [:]
        for definition in run.sources where !run.mustStop {
            do throws(StoreError) {
                outcomes[definition.name] = try replay(definition)
            } catch {
                run.report(.store, source: definition.name, error.message)
                outcomes[definition.name] = .failed
            }
            run.drain()
            run.end(source: definition.name)
        }
        run.drain()
        return run.finish(outcomes)
    }

    private func replay(_ definition: SourceDefinition) throws(StoreError) -> SourceOutcome {
        var walk = try QuarantineWalk(store.snapshot(), QuarantineFilter(source: definition.name, reason: request.reason))
        var outcome = SourceOutcome.nothing
        var chunk: [WaitingRecord] = []
        while !run.mustStop {
            let records = try walk.next(atMost: Self.recordsAtOnce)
            if records.isEmpty { break }
            for record in records where request.ids?.contains(record.id) ?? true {
                // Raw records say when they were fetched, so those of one time go together; and those of one file are read by its header.
                if let first = chunk.first,
                    first.recordedAt != record.recordedAt || first.header != record.header || first.place != record.place
                        || chunk.count >= Self.recordsAtOnce
                {
                    outcome.join(load(chunk, definition))
                    chunk = []
                }
                chunk.append(record)
            }
        }
        if !chunk.isEmpty, !run.mustStop { outcome.join(load(chunk, definition)) }
        return outcome
    }

    private func load(_ records: [WaitingRecord], _ definition: SourceDefinition) -> SourceOutcome {
        let isTable = if case .csv = definition.kind { true } else { false }
        let source = Array(definition.name.utf8)
        let waiting = WaitingRecords(
            ids: records.map(\.id),
            verdict: { [store, order] in order.verdict(on: $0, source, over: records, in: store.snapshot()) },
            laterWins: isTable
        )
        switch definition.kind {
        case .http(let source):
            let page = ParsedPage(
                place: records[0].place,
                fetchedAt: records[0].recordedAt,
                records: PageRecords(records.map { PageRecord(parsing: $0.content[...], isMember: source.form == .map) }),
                pointed: .nothing,
                digest: ""
            )
            var loader = HTTPLoader(name: definition.name, source: source, mode: definition.schemaMode, run: run)
            return loader.load(page, waiting: waiting)
        case .csv(let source):
            return TableReplay(name: definition.name, source: source, mode: definition.schemaMode, run: run).load(records, waiting)
        case .feed(let source):
            return TextReplay(name: definition.name, source: source, mode: definition.schemaMode, run: run).load(records, waiting)
        }
    }
}
