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

    /// Opens new segments.
    func open(_ infos: [SegmentInfo]) throws(StoreError) -> [Segment] {
        var segments: [Segment] = []
        for info in infos {
            do {
                segments.append(
                    try Segment(info, directory: directory.path(of: info.family), storeID: storeID, fileSystem: directory.fileSystem)
                )
            } catch {
                throw error.error
            }
        }
        return segments
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
