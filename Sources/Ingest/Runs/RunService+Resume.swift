import MarketData

extension RunService {
    /// Where a run over these sources goes on: behind the last run over them, when that was killed or stopped before they were done.
    ///
    /// Files go on however old that run is, an API within 15 minutes (spec section 6).
    func resumePoint(for sources: [SourceDefinition], after finished: [RunRecord], at now: Int64) -> RunRecord.ResumePoint? {
        var interrupted: RunRecord?
        var names: [String] = []
        for definition in sources {
            let name = definition.name
            guard let last = finished.last(where: { $0.sources.contains(name) && !$0.isReplay }), last.wasInterrupted,
                !last.endedSources.contains(name),
                mayGoOn(definition, after: last, at: now), last.sequence >= interrupted?.sequence ?? 0
            else { continue }
            if last.sequence != interrupted?.sequence { names = [] }
            interrupted = last
            names.append(name)
        }
        guard let interrupted else { return nil }
        return RunRecord.ResumePoint(batch: interrupted.nextBatchNumber, runID: interrupted.runID, source: names[0], sources: names)
    }

    private func mayGoOn(_ definition: SourceDefinition, after last: RunRecord, at now: Int64) -> Bool {
        if case .csv = definition.kind { return true }
        // Killed on its first page: it begins there again, and that is going on.
        guard let checkpoint = pages.checkpoint(of: definition.name) else {
            return (0..<PageCheckpoint.lifetimeMilliseconds).contains(now - last.startedAt.milliseconds)
        }
        guard case .http(let source) = definition.kind else { return false }
        return checkpoint.isValid(after: last.runID, definition: source.fingerprint, at: now)
    }

    /// The places in APIs where a run goes on, as its own.
    func checkpoints(for run: ActiveRun) -> [String: PageCheckpoint] {
        var checkpoints: [String: PageCheckpoint] = [:]
        for name in run.record.sources {
            guard var checkpoint = pages.checkpoint(of: name), run.record.resumeFrom?.sources.contains(name) == true else { continue }
            checkpoint.runID = run.runID
            checkpoints[name] = checkpoint
        }
        return checkpoints
    }
}
