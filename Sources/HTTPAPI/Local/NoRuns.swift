import Ingest
import TickerStore

/// Runs where there is no run service: there are none, and none can be started.
struct NoRuns: RunOperations {
    private static let reason = "this process only reads"

    func refresh(trigger: String, source: String?) throws(RefreshError) -> RefreshTicket { throw .storeUnavailable(Self.reason) }
    func preview(source: String) throws(RefreshError) -> PreviewReport { throw .storeUnavailable(Self.reason) }
    func mappings(source: String?) throws(MappingChange.Failure) -> [MappingEntry] { [] }
    func replay(_ request: ReplayRequest) throws(RefreshError) -> RunRecord { throw .storeUnavailable(Self.reason) }
    func change(_ change: MappingChange) throws(MappingChange.Failure) -> String { "" }
    func wait(for runID: String, atMost seconds: Int) async -> String { "none" }
    var latestRunID: String? { nil }
    func runs(limit: Int, before sequence: Int?, status: String?, source: String?) throws(StoreError) -> (
        runs: [any RunPresentation], next: Int?
    ) { ([], nil) }
    func presentation(of id: String) throws(StoreError) -> (any RunPresentation)? { nil }
    func statistics() -> RunStatistics { .none }
    func sources() -> [SourceStatus] { [] }
}
