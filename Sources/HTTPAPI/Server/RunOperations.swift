package import Ingest
package import MarketData
package import TickerStore

/// What the API asks of the run service; a protocol so that routes are tested without sources.
package protocol RunOperations: Sendable {
    /// Starts a run or joins the one in progress. May wait for the disk: call it through `ReadingPool`.
    func refresh(trigger: String, source: String?) throws(RefreshError) -> RefreshTicket
    /// Looks at a source as a run would and stores none of it. Blocks for as long as the source's server takes: call it through `OwnThread`.
    func preview(source: String) throws(RefreshError) -> PreviewReport
    /// Which fields of the sources give which.
    func mappings(source: String?) throws(MappingChange.Failure) -> [MappingEntry]
    /// Tries quarantined records again. Blocks until that run has ended: call it through `OwnThread`.
    func replay(_ request: ReplayRequest) throws(RefreshError) -> RunRecord
    /// Takes down what a person says of a mapping. Waits for the disk: call it through `OwnThread`.
    func change(_ change: MappingChange) throws(MappingChange.Failure) -> String
    /// Waits until the run has ended or `seconds` are over, and gives the status reached.
    func wait(for runID: String, atMost seconds: Int) async -> String
    /// The run that started last.
    var latestRunID: String? { get }
    /// Runs newest first, starting below `sequence`; `next` is the sequence to go on from, nil at the end. A page may be short and still
    /// have a next one. May wait for the disk: call it through `ReadingPool`.
    func runs(limit: Int, before sequence: Int?, status: String?, source: String?) throws(StoreError) -> (
        runs: [any RunPresentation], next: Int?
    )
    /// One run by its id. May wait for the disk: call it through `ReadingPool`.
    func presentation(of id: String) throws(StoreError) -> (any RunPresentation)?
    /// Figures over the last finished runs.
    func statistics() -> RunStatistics
    /// All configured sources.
    func sources() -> [SourceStatus]
}

/// A run as JSON.
package protocol RunPresentation: Sendable {
    /// Appends the members of a run object, from `run_id` to `stats`, to an open object.
    func appendMembers(to writer: inout JSONWriter, includingBatches: Bool)
}

extension RunRecord: RunPresentation {}

extension RunService: RunOperations {
    package func runs(
        limit: Int,
        before sequence: Int?,
        status: String?,
        source: String?
    ) throws(StoreError) -> (runs: [any RunPresentation], next: Int?) {
        let page = try list(limit: limit, before: sequence, status: status, source: source)
        return (page.runs, page.next)
    }

    package func presentation(of id: String) throws(StoreError) -> (any RunPresentation)? { try run(id: id) }
}
