import HTTPAPI
import MarketData
import Synchronization

@testable import Ingest

/// Runs without sources: `count` finished ones, and a refresh that answers as told.
final class FakeRuns: RunOperations {
    struct Run: RunPresentation {
        var sequence: Int
        var id: String { "etl_20241215_143022_\(sequence)" }
        var status: String { sequence.isMultiple(of: 2) ? "success" : "failed" }
        func appendMembers(to writer: inout JSONWriter, includingBatches: Bool) {
            writer.member("run_id", id)
            writer.member("status", status)
            if includingBatches {
                writer.key("batches")
                writer.beginArray()
                writer.endArray()
            }
        }
    }

    let all: [Run]
    private let clockProblem = Mutex<String?>(nil)
    private let refusal = Mutex<RefreshError?>(nil)
    private let joins = Mutex(false)
    private let calls = Mutex<[String]>([])
    private let healthStatus = Mutex("success")
    private let failing = Mutex<[FailingSource]>([])

    init(count: Int = 3) {
        all = (0..<count).reversed().map { Run(sequence: $0 + 1) }
    }

    /// From now on `refresh` is refused.
    func doubtClock(_ reason: String) { clockProblem.withLock { $0 = reason } }
    func refuse(_ error: RefreshError) { refusal.withLock { $0 = error } }

    /// From now on `refresh` finds a run in progress.
    func beBusy() { joins.withLock { $0 = true } }

    /// How the last run ended.
    func end(_ status: String) { healthStatus.withLock { $0 = status } }

    /// From now on these sources fail.
    func fail(_ sources: [FailingSource]) { failing.withLock { $0 = sources } }

    /// Trigger and source of each call of `refresh`.
    var asked: [String] { calls.withLock { $0 } }

    func refresh(trigger: String, source: String?) throws(RefreshError) -> RefreshTicket {
        calls.withLock { $0.append("\(trigger) \(source ?? "all")") }
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        return RefreshTicket(
            runID: "etl_new",
            alreadyRunning: joins.withLock { $0 },
            preRunCounts: RunCounts(raw: 10, normalized: 9)
        )
    }

    func preview(source: String) throws(RefreshError) -> PreviewReport { throw .unknownSource(source, known: ["csv"]) }

    func mappings(source: String?) throws(MappingChange.Failure) -> [MappingEntry] { [] }

    func replay(_ request: ReplayRequest) throws(RefreshError) -> RunRecord { throw .busy(runID: "etl_now") }

    func change(_ change: MappingChange) throws(MappingChange.Failure) -> String { "" }

    func wait(for runID: String, atMost seconds: Int) async -> String { seconds > 5 ? "success" : "running" }

    var latestRunID: String? { all.first?.id }

    func runs(
        limit: Int,
        before sequence: Int?,
        status: String?,
        source: String?
    ) -> (runs: [any RunPresentation], next: Int?) {
        let found = all.filter { run in
            sequence.map { run.sequence < $0 } ?? true && status.map { run.status == $0 } ?? true
        }
        let shown = Array(found.prefix(limit))
        return (shown, found.count > shown.count ? shown.last?.sequence : nil)
    }

    func presentation(of id: String) -> (any RunPresentation)? { all.first { $0.id == id } }

    func statistics() -> RunStatistics {
        RunStatistics(
            healthStatus: healthStatus.withLock { $0 },
            healthErrors: 0,
            latencyAverageMilliseconds: 1200,
            failedBatches: 1,
            batches: 3,
            lastSuccessfulRunID: "etl_ok",
            lastRunNewRecords: 5,
            lastRunSkipped: 6,
            totalDuplicatePrevention: 7,
            runInProgress: nil,
            clockProblem: clockProblem.withLock { $0 },
            failingSources: failing.withLock { $0 }
        )
    }

    func sources() -> [SourceStatus] {
        [
            SourceStatus(
                name: "coinpaprika",
                kind: "http",
                quotaPerMinute: 10,
                tokensRemaining: 4,
                detail: "",
                limits: SourceLimits(
                    effectivePerMinute: 5,
                    notBefore: Timestamp(milliseconds: 1_734_273_060_000),
                    monthUsed: 17,
                    monthBudget: 20_000,
                    circuit: "half_open",
                    throttleEvents: 2,
                    waitingUntil: Timestamp(milliseconds: 1_734_273_030_000),
                    waitingFor: "quota"
                )
            ),
            SourceStatus(name: "csv", kind: "csv", quotaPerMinute: nil, tokensRemaining: nil, detail: ""),
        ]
    }
}
