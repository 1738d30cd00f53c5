import Synchronization

/// Work that is done beside the commits: reading what is immutable, writing new files, and nothing else until the engine publishes the result.
protocol MaintenanceJob: Sendable {
    /// In words, for the log.
    var purpose: String { get }
    /// What is read and may be superseded meanwhile.
    var carriedDeaths: CarriedDeaths { get }
    func run() throws(StoreError) -> JobResult
}

/// What a job has put on the disk, ready to be listed.
struct JobResult: Sendable {
    /// New segments, open: what cannot be read back is not listed.
    var added: [Segment] = []
    /// Segments whose dead rows are in a new file.
    var updated: [SegmentInfo] = []
    /// Ids of the segments that the new ones replace.
    var removed: Set<UInt64> = []
    var state: Manifest.StateFile?
    /// The log up to here is no longer needed.
    var sealedThrough: UInt64?
    var nextSegment: UInt64 = 0
}

/// Ends the job that is running at its next step.
final class MaintenanceCancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    var isRaised: Bool { flag.load(ordering: .relaxed) }
    func raise() { flag.store(true, ordering: .relaxed) }

    /// - Throws: `.closed` once it is raised.
    func check() throws(StoreError) {
        if isRaised { throw StoreError(.closed, "the store is being closed") }
    }
}
