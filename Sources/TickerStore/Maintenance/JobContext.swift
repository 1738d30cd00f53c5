import Synchronization

/// What every job of the maintenance thread needs.
struct JobContext: Sendable {
    let directory: DataDirectory
    let storeID: StoreID
    /// Goes into the names of the files that are written anew with each job.
    let generation: Int
    /// The first segment id that is free.
    let firstSegment: UInt64
    /// A segment takes no more than this and the last instant's; the next one begins behind it.
    let maximumSegmentRows: Int
    let maximumGroupRows: Int
    let cancellation: MaintenanceCancellation

    /// Rows of a group: fewer where lines may be long, because the lines of a group are in memory together.
    func groupRows(_ family: Family) -> Int {
        switch family {
        case .tickers, .runs, .outliers: maximumGroupRows
        case .raw: min(maximumGroupRows, 16_384)
        case .quarantine: min(maximumGroupRows, 4_096)
        }
    }

    /// Opens new segments.
    func open(_ infos: [SegmentInfo]) throws(StoreError) -> [Segment] {
        var segments: [Segment] = []
        for info in infos {
            do {
                let segment = try Segment(info, directory: directory.path(of: info.family), storeID: storeID, fileSystem: directory.fileSystem)
                segments.append(segment)
            } catch {
                throw error.error
            }
            // Here a damaged column is a failed job; once it is listed it would be a damaged store.
            try segments[segments.count - 1].checkIndex()
        }
        return segments
    }
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

/// Work that is done beside the commits: reading what is immutable, writing new files, and nothing else until the engine publishes the result.
protocol MaintenanceJob: Sendable {
    /// In words, for the log.
    var purpose: String { get }
    /// What is read and may be superseded meanwhile.
    var carriedDeaths: CarriedDeaths { get }
    func run() throws(StoreError) -> JobResult
}
