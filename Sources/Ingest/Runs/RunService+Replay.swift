import Synchronization
import TickerStore

extension RunService {
    /// Tries quarantined records again, in a run of its own (spec section 5). Blocks until that has ended.
    ///
    /// - Throws: `.nothingWaits` when no record is meant, of which no run is recorded; `.busy` while another run goes on; and what `refresh` throws.
    package func replay(_ request: ReplayRequest) throws(RefreshError) -> RunRecord {
        if let source = request.source, !definitions.contains(where: { $0.name == source }) {
            throw .unknownSource(source, known: definitions.map(\.name))
        }
        let sources = definitions.filter { request.source == nil || $0.name == request.source }
        guard try isMeant(request, of: sources) else { throw .nothingWaits }
        let counts = store.snapshot().counts
        let decision: Result<ActiveRun, RefreshError> = state.withLock { state in
            if state.isDraining { return .failure(.draining) }
            if let current = state.current { return .failure(.busy(runID: current.runID)) }
            if let problem = clockProblem(state) { return .failure(.clock(problem)) }
            return .success(makeRun(trigger: RunRecord.replayTrigger, sources, label: request.source ?? "all", counts, &state))
        }
        let run = try decision.get()
        // Whoever asks for a run now gets the next one.
        _ = run.takeJoin()
        try begin(run, [:])
        end(ReplayExecution(run: run, store: store, request: request).execute(), of: run)
        return recentRun(id: run.runID) ?? run.record
    }

    /// Whether a quarantined record of one of these sources is meant. Waits for the disk.
    private func isMeant(_ request: ReplayRequest, of sources: [SourceDefinition]) throws(RefreshError) -> Bool {
        do throws(StoreError) {
            let snapshot = store.snapshot()
            for source in sources {
                var walk = try QuarantineWalk(snapshot, QuarantineFilter(source: source.name, reason: request.reason))
                while true {
                    let records = try walk.next(atMost: request.ids == nil ? 1 : ReplayExecution.recordsAtOnce)
                    if records.isEmpty { break }
                    if records.contains(where: { request.ids?.contains($0.id) ?? true }) { return true }
                }
            }
            return false
        } catch {
            throw .storeUnavailable(error.message)
        }
    }
}
