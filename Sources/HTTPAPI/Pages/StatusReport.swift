import Ingest
import MarketData
import TickerStore

/// Everything that the status page shows, as of one moment.
struct StatusReport: Sendable {
    var now: Timestamp
    var version: String
    var uptimeMilliseconds: Int64
    var sampleData: Bool
    var fault: String?
    /// Why the server is not as it should be; empty in health.
    var reasons: [String]
    var isDraining: Bool
    var counts: StoreCounts
    var store: StoreStatistics
    var statistics: RunStatistics
    var sources: [SourceStatus]
    var schedule: ScheduleStatus
    var alerts: AlertStatus
    /// Newest first.
    var runs: [RunLine]
    var prices: NewestPrices.Shown
    /// What to write before a path in a command line.
    var address: String

    /// Runs on the page.
    static let runsShown = 10

    /// Waits for the disk: call it through `ReadingPool`.
    static func read(_ context: APIContext, prices: NewestPrices, now: Timestamp, address: String) -> StatusReport {
        let statistics = context.runs.statistics()
        let store = context.rows.statistics
        let schedule = context.schedule()
        let sources = context.runs.sources()
        var reasons: [String] = []
        var shown = NewestPrices.Shown()
        do {
            shown = try prices.read(context.rows, sources: sources.map(\.name))
        } catch {
            // What went wrong may name files; the page is for anybody who may open it.
            reasons.append("The stored rows cannot be read. The server's log tells why when /data is asked.")
        }
        var runs: [RunLine] = []
        do {
            runs = try context.runs.runs(limit: runsShown, before: nil, status: nil, source: nil).runs.compactMap { RunLine($0) }
        } catch {
            reasons.append("The runs cannot be read. The server's log tells why when /runs is asked.")
        }
        reasons += Self.reasons(statistics, store, schedule, isDraining: context.draining.isRaised)
        return StatusReport(
            now: now,
            version: context.version,
            uptimeMilliseconds: Int64((ContinuousClock.now - context.startedAt).components.seconds) * 1_000,
            sampleData: context.sampleData,
            fault: context.fault,
            reasons: reasons,
            isDraining: context.draining.isRaised,
            counts: context.rows.snapshot().counts,
            store: store,
            statistics: statistics,
            sources: sources,
            schedule: schedule,
            alerts: context.alerts(),
            runs: runs,
            prices: shown,
            address: address
        )
    }

    /// The same things that make `/health` say `degraded`.
    private static func reasons(
        _ statistics: RunStatistics,
        _ store: StoreStatistics,
        _ schedule: ScheduleStatus,
        isDraining: Bool
    ) -> [String] {
        var reasons: [String] = []
        if isDraining { reasons.append("The server is shutting down.") }
        if let refusal = store.refusal { reasons.append("The store takes no writes: \(refusal)") }
        if let failure = store.maintenanceFailure { reasons.append("Maintenance of the store failed: \(failure)") }
        if let reason = statistics.lastRunFailure { reasons.append("The last run failed: \(reason)") }
        if statistics.healthStatus == "failed", statistics.lastRunFailure == nil, statistics.failingSources.isEmpty {
            reasons.append("The last run failed.")
        }
        reasons += statistics.failingSources.map { "The source \($0.inWords)" }
        if let problem = statistics.clockProblem { reasons.append("The clock is wrong: \(problem)") }
        if schedule.state == .stalled { reasons.append("The schedule stands still: \(schedule.problem ?? "a source is overdue")") }
        return reasons
    }
}
