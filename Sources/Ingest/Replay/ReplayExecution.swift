import MarketData
import TickerStore

/// A run over quarantined records: each goes through today's mapping and checks, and is taken out in the commit that stores its row. What still
/// cannot be a row goes on waiting as it is (spec section 5).
struct ReplayExecution {
    /// Records that are looked at together, as a page is.
    private static let recordsAtOnce = 1_000

    let run: ActiveRun
    let store: Store
    let request: ReplayRequest

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
            verdict: { [store] in Self.verdict(on: $0, source, fetchedAt: records[0].recordedAt, in: store.snapshot()) },
            laterWins: isTable
        )
        switch definition.kind {
        case .http(let source):
            let page = RecordPage(
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

    /// A replayed record never replaces a row that was fetched after it (spec section 5), nor one that came with it.
    private static func verdict(
        on draft: RowDraft,
        _ source: [UInt8],
        fetchedAt: Timestamp,
        in snapshot: Snapshot
    ) -> WaitingRecords.Verdict {
        let key = SeriesKey(symbol: draft.symbol, source: source, sourceID: draft.sourceID)
        var query = RowQuery()
        query.symbols = [key.symbol]
        query.sources = [key.source]
        query.sourceIDs = [key.sourceID]
        query.from = draft.timestamp
        query.to = Timestamp(milliseconds: draft.timestamp.milliseconds + 1)
        query.limit = 1
        guard let page = try? snapshot.page(query) else { return .keep }
        if page.rowCount == 0 { return .store }
        guard let raw = try? snapshot.rawRecord(of: key, timestamp: draft.timestamp), raw.fetchedAt != fetchedAt else { return .keep }
        return raw.fetchedAt < fetchedAt ? .store : .outdated
    }
}
