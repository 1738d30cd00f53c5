import MarketData
import Synchronization

/// What the scheduler asks of runs; a protocol so that it is tested without sources.
protocol ScheduledRuns: Sendable {
    var activity: RunActivity { get }
    /// The sources with their intervals and what earlier processes did.
    ///
    /// - Parameter interval: of those that have none of their own, in milliseconds.
    func scheduledSources(every interval: Int64) -> [ScheduledSource]
    /// The sources to load at start, by name.
    func dueAtStart(every interval: Int64) -> [String]
    /// Starts a run over these sources; false when one goes on already. May wait for the disk.
    func load(_ names: [String], trigger: String) throws(RefreshError) -> Bool
    /// From now on `body` is called behind each run's end.
    func onRunEnd(_ body: @escaping @Sendable () -> Void)
}

extension RunService: ScheduledRuns {
    var activity: RunActivity {
        state.withLock { state in
            let attempts = state.current.map { state.attempts.merging($0.attempts) { $1 } } ?? state.attempts
            return RunActivity(isRunning: state.current != nil, attempts: attempts)
        }
    }

    func scheduledSources(every interval: Int64) -> [ScheduledSource] {
        let attempts = state.withLock { $0.counters.lastAttempts }
        return definitions.map {
            ScheduledSource(name: $0.name, interval: $0.intervalMilliseconds ?? interval, lastAttempt: attempts[$0.name]?.milliseconds)
        }
    }

    /// Every source whose last attempt is older than its interval, so that a crash loop spends no quota; and files that nobody has read yet, which
    /// cost no quota.
    func dueAtStart(every interval: Int64) -> [String] {
        let now = environment.now().wall
        let (attempts, finished) = state.withLock { ($0.counters.lastAttempts, $0.finished.runs) }
        let due = definitions.filter { definition in
            // A walk that has got somewhere goes on; its checkpoint ages, so a crash loop does not ask for ever.
            if pages.checkpoint(of: definition.name) != nil, resumePoint(for: [definition], after: finished, at: now) != nil { return true }
            if case .csv(let source) = definition.kind, hasNews(source, definition) { return true }
            guard let last = attempts[definition.name] else { return true }
            return !(0..<(definition.intervalMilliseconds ?? interval)).contains(now - last.milliseconds)
        }
        return due.map(\.name)
    }

    /// Whether a source has files that were not read to their end as they are now.
    private func hasNews(_ source: CSVSource, _ definition: SourceDefinition) -> Bool {
        let listing = CSVListing(of: source, name: definition.name, on: environment.fileSystem)
        let mapping = source.mappingVersion(definition.schemaMode, approvals: schemas.mappingVersion(of: definition.name))
        return !listing.failed.isEmpty
            || listing.files.contains { file in
                guard let status = file.status, let known = memory.progress(of: file.key, mapping: mapping) else { return true }
                return !known.isUnchanged(status, mapping: mapping)
            }
    }

    func load(_ names: [String], trigger: String) throws(RefreshError) -> Bool {
        let sources = definitions.filter { names.contains($0.name) }
        let label = sources.count == definitions.count ? "all" : sources.map(\.name).joined(separator: ",")
        return try startOrJoin(trigger: trigger, sources: sources, label: label, joins: false) != nil
    }

    func onRunEnd(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.watchers.append(body) } }
}
